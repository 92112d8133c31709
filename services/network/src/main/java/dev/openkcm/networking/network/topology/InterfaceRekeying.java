package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.schemas.network.v1.InterfaceAddresses;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Turns the states of interfaces around: their Network learns what they hold. */
final class InterfaceRekeying
        extends ContextualProcessor<String, @Nullable GenericRecord, String, InterfaceAddresses> {

    static final String STORE = "network-interface-addresses";

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        var nic = ResourceKey.parse(record.key());
        byte[] before = rows.get(record.key());
        var state = record.value();
        if (state == null) {
            if (before != null) {
                rows.delete(record.key());
                String network = text(before).split(" ", 2)[0];
                forward(record, network, new InterfaceAddresses(nic.name(), List.of()));
            }
            return;
        }
        String network = nic.sibling(network(state)).toString();
        var addresses = addresses(state);
        byte[] now = (network + " " + String.join(",", addresses)).getBytes(StandardCharsets.UTF_8);
        if (!java.util.Arrays.equals(before, now)) {
            rows.put(record.key(), now);
            forward(record, network, new InterfaceAddresses(nic.name(), addresses));
        }
    }

    /** It never changes. */
    private static String network(GenericRecord state) {
        var spec = (GenericRecord) state.get("spec");
        return ((GenericRecord) spec.get("networkRef")).get("name").toString();
    }

    private static List<String> addresses(GenericRecord state) {
        var status = (GenericRecord) state.get("status");
        return Stream.of("ips", "prefixes")
                .flatMap(field -> ((List<?>) status.get(field)).stream())
                .map(Object::toString)
                .toList();
    }

    private void forward(Record<String, ?> cause, String network, InterfaceAddresses value) {
        context().forward(cause.withKey(network).withValue(value));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
