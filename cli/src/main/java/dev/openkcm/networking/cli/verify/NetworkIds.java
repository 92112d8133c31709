package dev.openkcm.networking.cli.verify;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/** Ids of Networks are in the range and given once, at every moment of every partition. */
final class NetworkIds implements History.EventRule {
    private record Owner(String key, String place) {}

    private final Tally tally;
    private final int first;
    private final int last;
    private final Map<String, Owner> owners = new HashMap<>();
    private final Map<String, String> ids = new HashMap<>();

    NetworkIds(Tally tally, int first, int last) {
        this.tally = tally;
        this.first = first;
        this.last = last;
    }

    @Override
    public void happened(LogRecord record, Life life, String type, GenericRecord data) {
        switch (type) {
            case "NetworkIdAssigned" -> assigned(record, life, data);
            case "NetworkDeleted" ->
                    owners.remove(record.partition() + " " + ids.remove(life.uid()));
            default -> {}
        }
    }

    private void assigned(LogRecord record, Life life, GenericRecord data) {
        long id = Values.number(data, "id");
        String[] provider = Values.text(data, "providerID").split("/", -1);
        tally.expect(
                id >= first && id <= last,
                "Network %s has id %d, outside %d..%d".formatted(life.key(), id, first, last),
                record.place());
        tally.expect(
                provider.length == 6
                        && provider[4].equals(String.valueOf(id))
                        && provider[3].equals(life.uid()),
                "Network %s: the provider id does not carry id %d and uid %s: %s"
                        .formatted(life.key(), id, life.uid(), Values.text(data, "providerID")),
                record.place());
        // The order of partitions among each other is nowhere written: each is looked at by itself.
        Owner before =
                owners.put(record.partition() + " " + id, new Owner(life.key(), record.place()));
        ids.put(life.uid(), String.valueOf(id));
        tally.expect(
                before == null,
                "Networks %s and %s both have id %d"
                        .formatted(before == null ? "" : before.key(), life.key(), id),
                before == null ? "" : before.place(),
                record.place());
    }
}
