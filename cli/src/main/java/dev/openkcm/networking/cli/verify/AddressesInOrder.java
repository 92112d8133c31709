package dev.openkcm.networking.cli.verify;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/** No two interfaces ever say that they hold the same, at every moment of every partition. */
final class AddressesInOrder implements History.EventRule {
    private final Tally tally;
    private final Map<String, Holdings> byNetwork = new HashMap<>();

    AddressesInOrder(Tally tally) {
        this.tally = tally;
    }

    @Override
    public void happened(LogRecord record, Life life, String type, GenericRecord data) {
        InterfaceFold nic = (InterfaceFold) life.folds().getFirst();
        String network = namespace(life.key()) + "/" + nic.network();
        var clashes =
                byNetwork
                        .computeIfAbsent(record.partition() + " " + network, _ -> new Holdings())
                        .replace(life.key(), nic.held(), record.place());
        tally.expect(
                clashes.isEmpty(),
                "Network %s: interfaces %s and %s hold %s at the same time"
                        .formatted(
                                network,
                                life.key(),
                                clashes.isEmpty() ? "" : clashes.getFirst().holder(),
                                clashes.isEmpty() ? "" : clashes.getFirst().held()),
                clashes.isEmpty() ? "" : clashes.getFirst().place(),
                record.place());
    }

    static String namespace(String key) {
        return key.substring(0, key.indexOf('/'));
    }
}
