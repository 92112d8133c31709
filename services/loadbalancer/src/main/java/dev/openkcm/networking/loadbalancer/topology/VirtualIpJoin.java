package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPAttached;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPDetached;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of VirtualIPs around: the balancer that one targets learns its address.
 *
 * <p>States are read as they were written; what matters are {@code status.ip} and {@code
 * status.targetRef}.
 */
final class VirtualIpJoin
        extends ContextualProcessor<
                String, @Nullable GenericRecord, String, LoadBalancerObservation> {

    private static final String PART = "virtual-ips";

    /** Which balancer a VirtualIP targets, and with which address. */
    private record Attachment(String balancer, String ip) {

        static @Nullable Attachment of(@Nullable GenericRecord state, ResourceKey virtualIp) {
            if (state == null || !(state.get("status") instanceof GenericRecord status)) {
                return null;
            }
            var target = status.get("targetRef");
            var ip = status.get("ip");
            if (ip == null
                    || !(target instanceof GenericRecord reference)
                    || !"LoadBalancer".equals(String.valueOf(reference.get("kind")))) {
                return null;
            }
            return new Attachment(
                    virtualIp.sibling(reference.get("name").toString()).toString(), ip.toString());
        }

        byte[] toBytes() {
            return (balancer + " " + ip).getBytes(StandardCharsets.UTF_8);
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
        var rows = Part.of(context().getStateStore(RoutingProcessor.STORE), PART);
        var virtualIp = ResourceKey.parse(record.key());
        var before = Attachment.fromBytes(rows.get(record.key()));
        var now = Attachment.of(record.value(), virtualIp);
        if (now == null) {
            rows.delete(record.key());
        } else {
            rows.put(record.key(), now.toBytes());
        }
        if (before != null && !before.equals(now)) {
            tell(record, before, new VirtualIPDetached(virtualIp.name(), before.ip));
        }
        if (now != null) {
            tell(record, now, new VirtualIPAttached(virtualIp.name(), now.ip));
        }
    }

    private void tell(
            Record<String, @Nullable GenericRecord> cause,
            Attachment attachment,
            SpecificRecord observed) {
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        context()
                .forward(
                        new Record<>(
                                attachment.balancer,
                                new LoadBalancerObservation(causedBy, observed),
                                cause.timestamp(),
                                cause.headers()));
    }
}
