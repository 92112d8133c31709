package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPObserved;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of VirtualIPs around: the interface that one targets learns its address.
 *
 * <p>States are read as they were written; what matters are {@code status.ip} and {@code
 * status.targetRef}.
 */
final class VirtualIpJoin
        extends ContextualProcessor<
                String, @Nullable GenericRecord, String, NetworkInterfaceObservation> {

    static final String STORE = "network-interface-virtual-ips";

    /** Which interface a VirtualIP targets, and with which address. */
    private record Attachment(String nic, String ip) {

        static @Nullable Attachment of(@Nullable GenericRecord state, ResourceKey virtualIp) {
            if (state == null || !(state.get("status") instanceof GenericRecord status)) {
                return null;
            }
            var target = status.get("targetRef");
            var ip = status.get("ip");
            if (ip == null
                    || !(target instanceof GenericRecord reference)
                    || !"NetworkInterface".equals(String.valueOf(reference.get("kind")))) {
                return null;
            }
            return new Attachment(
                    virtualIp.sibling(reference.get("name").toString()).toString(), ip.toString());
        }

        byte[] toBytes() {
            return (nic + " " + ip).getBytes(StandardCharsets.UTF_8);
        }

        static @Nullable Attachment fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 2);
            return new Attachment(parts[0], parts[1]);
        }
    }

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        var virtualIp = ResourceKey.parse(record.key());
        var before = Attachment.fromBytes(rows.get(record.key()));
        var now = Attachment.of(record.value(), virtualIp);
        if (now == null) {
            rows.delete(record.key());
        } else {
            rows.put(record.key(), now.toBytes());
        }
        if (before != null && !before.equals(now)) {
            tell(record, virtualIp, before, false);
        }
        if (now != null) {
            tell(record, virtualIp, now, true);
        }
    }

    private void tell(
            Record<String, @Nullable GenericRecord> cause,
            ResourceKey virtualIp,
            Attachment attachment,
            boolean attached) {
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        var observed = new VirtualIPObserved(virtualIp.name(), attachment.ip, attached);
        context()
                .forward(
                        new Record<>(
                                attachment.nic,
                                new NetworkInterfaceObservation(causedBy, observed),
                                cause.timestamp(),
                                cause.headers()));
    }
}
