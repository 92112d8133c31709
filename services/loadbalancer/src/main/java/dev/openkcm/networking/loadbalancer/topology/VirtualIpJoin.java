package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.loadbalancer.domain.AwaitedVirtualIp;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPAttached;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPAwaited;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPDetached;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of VirtualIPs around: the balancer that one targets learns its address, and
 * those that one makes wait learn why.
 *
 * <p>States are read as they were written; what matters are {@code status.ip}, {@code
 * status.targetRef} and {@code status.waiting}.
 */
final class VirtualIpJoin
        extends ContextualProcessor<
                String, @Nullable GenericRecord, String, LoadBalancerObservation> {

    private static final String PART = "virtual-ips";
    private static final String BALANCER = "LoadBalancer";

    /**
     * What a balancer is told.
     *
     * @param ip empty unless the balancer has the VirtualIP
     * @param reason empty when it has it
     */
    private record News(String ip, String reason, String message) {

        boolean attached() {
            return !ip.isEmpty();
        }

        SpecificRecord of(String virtualIp) {
            return attached()
                    ? new VirtualIPAttached(virtualIp, ip)
                    : new VirtualIPAwaited(virtualIp, reason, message);
        }
    }

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        var rows = Part.of(context().getStateStore(RoutingProcessor.STORE), PART);
        var virtualIp = ResourceKey.parse(record.key());
        byte[] row = rows.get(record.key());
        var before = fromBytes(row);
        var now = news(record.value(), virtualIp);
        byte[] newRow = now.isEmpty() ? null : toBytes(now);
        if (!Arrays.equals(row, newRow)) {
            if (newRow == null) {
                rows.delete(record.key());
            } else {
                rows.put(record.key(), newRow);
            }
        }
        before.forEach((balancer, ip) -> {
            var next = now.get(balancer);
            if (!ip.isEmpty() && (next == null || !next.ip.equals(ip))) {
                tell(record, balancer, new VirtualIPDetached(virtualIp.name(), ip));
            }
            if (record.value() == null) {
                tell(record, balancer, missing(virtualIp).of(virtualIp.name()));
            }
        });
        // Once more with every state: the balancer may be a new one of the same name.
        now.forEach((balancer, is) -> tell(record, balancer, is.of(virtualIp.name())));
    }

    private static News missing(ResourceKey virtualIp) {
        return new News(
                "", "VirtualIPMissing", "VirtualIP %s does not exist".formatted(virtualIp.name()));
    }

    /** For each balancer that the VirtualIP names, what to tell it. */
    private static SortedMap<String, News> news(
            @Nullable GenericRecord state, ResourceKey virtualIp) {
        var news = new TreeMap<String, News>();
        if (state == null || !(state.get("status") instanceof GenericRecord status)) {
            return news;
        }
        String holder = "another";
        if (field(status, "targetRef") instanceof GenericRecord target) {
            holder = text(target, "kind") + " " + text(target, "name");
            if (BALANCER.equals(text(target, "kind"))) {
                String ip = text(status, "ip");
                news.put(
                        text(target, "name"),
                        ip.isEmpty()
                                ? new News(
                                        "",
                                        "VirtualIPPending",
                                        "VirtualIP %s has no address yet"
                                                .formatted(virtualIp.name()))
                                : new News(ip, "", ""));
            }
        }
        if (field(status, "waiting") instanceof Collection<?> waiting) {
            for (Object item : waiting) {
                if (item instanceof GenericRecord claimant
                        && BALANCER.equals(text(claimant, "kind"))) {
                    String reason = text(claimant, "reason");
                    news.putIfAbsent(
                            text(claimant, "name"),
                            new News("", reason, message(reason, virtualIp, holder)));
                }
            }
        }
        return news;
    }

    private static String message(String reason, ResourceKey virtualIp, String holder) {
        return reason.equals(AwaitedVirtualIp.FAMILY_MISMATCH)
                ? "VirtualIP %s is of a family that spec.ipFamilies lacks"
                        .formatted(virtualIp.name())
                : "VirtualIP %s is in use by %s".formatted(virtualIp.name(), holder);
    }

    /** Null also where an earlier version of the record has no such field. */
    private static @Nullable Object field(GenericRecord record, String name) {
        return record.getSchema().getField(name) == null ? null : record.get(name);
    }

    private static String text(GenericRecord record, String field) {
        Object value = record.get(field);
        return value == null ? "" : value.toString();
    }

    /** Of each balancer its name and, after a tabulator, the address that it has. */
    private static byte[] toBytes(SortedMap<String, News> news) {
        var lines = new StringBuilder();
        news.forEach(
                (balancer, n) -> lines.append(balancer).append('\t').append(n.ip).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static SortedMap<String, String> fromBytes(byte @Nullable [] bytes) {
        var ips = new TreeMap<String, String>();
        if (bytes != null) {
            new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .forEach(fields -> ips.put(fields[0], fields[1]));
        }
        return ips;
    }

    private void tell(
            Record<String, @Nullable GenericRecord> cause,
            String balancer,
            SpecificRecord observed) {
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        String key = ResourceKey.parse(cause.key()).sibling(balancer).toString();
        context()
                .forward(
                        new Record<>(
                                key,
                                new LoadBalancerObservation(causedBy, observed),
                                cause.timestamp(),
                                cause.headers()));
    }
}
