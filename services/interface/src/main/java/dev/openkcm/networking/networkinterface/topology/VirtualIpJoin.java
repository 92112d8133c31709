package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPObserved;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of VirtualIPs around: the interface that one targets learns its address, and
 * those that wait for it learn why.
 *
 * <p>States are read as they were written; what matters are {@code status.ip}, {@code
 * status.targetRef} and {@code status.waiting}.
 */
final class VirtualIpJoin
        extends ContextualProcessor<
                String, @Nullable GenericRecord, String, NetworkInterfaceObservation> {

    static final String STORE = "network-interface-virtual-ips";

    private static final String INTERFACE = "NetworkInterface";

    /**
     * What an interface is told.
     *
     * @param ip empty unless it has the VirtualIP
     * @param reason empty when it has the VirtualIP
     */
    private record News(String uid, String ip, String reason, String message) {

        boolean attached() {
            return !ip.isEmpty();
        }
    }

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        var virtualIp = ResourceKey.parse(record.key());
        var before = fromBytes(rows.get(record.key()));
        var now = news(record.value(), virtualIp);
        if (now.isEmpty()) {
            rows.delete(record.key());
        } else {
            rows.put(record.key(), toBytes(now));
        }
        before.forEach((nic, told) -> {
            var next = now.get(nic);
            if (told.attached() && (next == null || !next.ip.equals(told.ip))) {
                tell(
                        record,
                        virtualIp,
                        nic,
                        new VirtualIPObserved(virtualIp.name(), told.ip, false, "", null, null));
            }
        });
        now.forEach((nic, told) -> {
            if (!told.equals(before.get(nic))) {
                tell(record, virtualIp, nic, observed(virtualIp, told));
            }
        });
    }

    private static VirtualIPObserved observed(ResourceKey virtualIp, News news) {
        return new VirtualIPObserved(
                virtualIp.name(),
                news.ip,
                news.attached(),
                news.uid,
                news.attached() ? null : news.reason,
                news.attached() ? null : news.message);
    }

    /** What each interface concerned is to know, by name. */
    private static SortedMap<String, News> news(
            @Nullable GenericRecord state, ResourceKey virtualIp) {
        var news = new TreeMap<String, News>();
        if (state == null || !(state.get("status") instanceof GenericRecord status)) {
            return news;
        }
        String holder = "another";
        if (status.get("targetRef") instanceof GenericRecord target) {
            holder = text(target, "kind") + " " + text(target, "name");
            String ip = text(status, "ip");
            if (INTERFACE.equals(text(target, "kind"))) {
                news.put(
                        text(target, "name"),
                        new News(
                                text(target, "uid"),
                                ip,
                                "VirtualIPPending",
                                "VirtualIP %s has no address yet".formatted(virtualIp.name())));
            }
        }
        if (field(status, "waiting") instanceof Collection<?> waiting) {
            for (Object item : waiting) {
                if (item instanceof GenericRecord claimant
                        && INTERFACE.equals(text(claimant, "kind"))) {
                    String reason = text(claimant, "reason");
                    news.put(
                            text(claimant, "name"),
                            new News(
                                    text(claimant, "uid"),
                                    "",
                                    reason,
                                    message(reason, virtualIp, holder)));
                }
            }
        }
        return news;
    }

    private static String message(String reason, ResourceKey virtualIp, String holder) {
        return reason.equals("IPFamilyMismatch")
                ? "VirtualIP %s is of a family that the interface has no address of"
                        .formatted(virtualIp.name())
                : "VirtualIP %s is in use by %s".formatted(virtualIp.name(), holder);
    }

    private static @Nullable Object field(GenericRecord record, String name) {
        return record.getSchema().getField(name) == null ? null : record.get(name);
    }

    private static String text(GenericRecord record, String name) {
        var value = field(record, name);
        return value == null ? "" : value.toString();
    }

    private static byte[] toBytes(SortedMap<String, News> news) {
        var lines = new StringBuilder();
        news.forEach((nic, n) ->
                lines.append(String.join("\t", nic, n.uid, n.ip, n.reason, n.message))
                        .append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static SortedMap<String, News> fromBytes(byte @Nullable [] bytes) {
        var news = new TreeMap<String, News>();
        if (bytes != null) {
            new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .forEach(f -> news.put(f[0], new News(f[1], f[2], f[3], f[4])));
        }
        return news;
    }

    private void tell(
            Record<String, @Nullable GenericRecord> cause,
            ResourceKey virtualIp,
            String nic,
            VirtualIPObserved observed) {
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        context()
                .forward(
                        new Record<>(
                                virtualIp.sibling(nic).toString(),
                                new NetworkInterfaceObservation(causedBy, observed),
                                cause.timestamp(),
                                cause.headers()));
    }
}
