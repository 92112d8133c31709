package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPObserved;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPReference;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces meet the VirtualIPs that they name: the one that has it learns its address, those that
 * wait for it learn why, and those that name one that does not exist learn that.
 *
 * <p>Who waits is told by the VirtualIP, which lists the first of many. Who names it and is not
 * listed learns the same from the reference.
 *
 * <p>States are read as they were written; what matters are {@code status.ip}, {@code
 * status.targetRef} and {@code status.waiting}.
 */
final class VirtualIpJoin
        extends ContextualProcessor<
                String, @Nullable IndexedRecord, String, NetworkInterfaceObservation> {

    private static final String PART = "virtual-ips";

    private static final String INTERFACE = "NetworkInterface";
    private static final String IN_USE = "VirtualIPInUse";

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

    /**
     * What a VirtualIP that exists says.
     *
     * @param holder who has it, empty when nobody has
     * @param news for each interface that it lists, by name
     */
    private record Said(String holder, SortedMap<String, News> news) {

        boolean heldBy(String nic) {
            return holder.equals(INTERFACE + " " + nic);
        }

        byte[] toBytes() {
            var lines = new StringBuilder(holder).append('\n');
            news.forEach((nic, n) ->
                    lines.append(String.join("\t", nic, n.uid, n.ip, n.reason, n.message))
                            .append('\n'));
            return lines.toString().getBytes(StandardCharsets.UTF_8);
        }

        /** The line of the holder is missing in rows of earlier versions. */
        static @Nullable Said fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String holder = "";
            var news = new TreeMap<String, News>();
            for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                String[] f = line.split("\t", -1);
                if (f.length == 1) {
                    holder = line;
                } else {
                    news.put(f[0], new News(f[1], f[2], f[3], f[4]));
                }
            }
            return new Said(holder, news);
        }
    }

    @Override
    public void process(Record<String, @Nullable IndexedRecord> record) {
        var virtualIp = ResourceKey.parse(record.key());
        if (record.value() instanceof VirtualIPReference reference) {
            referred(record, virtualIp, reference);
        } else {
            changed(record, virtualIp, said((GenericRecord) record.value(), virtualIp));
        }
    }

    private KeyValueStore<String, byte[]> rows() {
        return Part.of(context().getStateStore(InterfaceTopology.ADDRESSES_STORE), PART);
    }

    private static String prefix(ResourceKey virtualIp) {
        return "reference " + virtualIp;
    }

    private void referred(
            Record<String, ?> cause, ResourceKey virtualIp, VirtualIPReference reference) {
        String nic = reference.getName();
        String row = prefix(virtualIp) + " " + nic;
        if (!reference.getPresent()) {
            rows().delete(row);
            return;
        }
        rows().put(row, reference.getUid().getBytes(StandardCharsets.UTF_8));
        var said = Said.fromBytes(rows().get(virtualIp.toString()));
        // What is free it gets, and what it had under an earlier uid is on its way to the next.
        boolean nextInLine = said != null && (said.holder.isEmpty() || said.heldBy(nic));
        if (!nextInLine) {
            tell(cause, virtualIp, nic, unlisted(virtualIp, said, reference.getUid()));
        }
    }

    private void changed(Record<String, ?> cause, ResourceKey virtualIp, @Nullable Said now) {
        var before = Said.fromBytes(rows().get(virtualIp.toString()));
        if (Objects.equals(before, now)) {
            return;
        }
        if (now == null) {
            rows().delete(virtualIp.toString());
        } else {
            rows().put(virtualIp.toString(), now.toBytes());
        }
        SortedMap<String, News> told = before == null ? new TreeMap<>() : before.news;
        SortedMap<String, News> news = now == null ? new TreeMap<>() : now.news;
        told.forEach((nic, was) -> {
            var next = news.get(nic);
            if (was.attached() && (next == null || !next.ip.equals(was.ip))) {
                tell(
                        cause,
                        virtualIp,
                        nic,
                        new VirtualIPObserved(virtualIp.name(), was.ip, false, "", null, null));
            }
        });
        news.forEach((nic, is) -> {
            if (!is.equals(told.get(nic))) {
                tell(cause, virtualIp, nic, observed(virtualIp, is));
            }
        });
        boolean comesOrGoes = (before == null) != (now == null);
        boolean changesHands =
                before != null
                        && now != null
                        && !now.holder.isEmpty()
                        && !now.holder.equals(before.holder);
        if (comesOrGoes || changesHands) {
            tellUnlisted(cause, virtualIp, now);
        }
    }

    private void tellUnlisted(Record<String, ?> cause, ResourceKey virtualIp, @Nullable Said now) {
        String prefix = prefix(virtualIp);
        try (var references = rows().range(prefix + " ", prefix + "!")) {
            references.forEachRemaining(row -> {
                String nic = row.key.substring(prefix.length() + 1);
                if (now == null || !now.news.containsKey(nic)) {
                    String uid = new String(row.value, StandardCharsets.UTF_8);
                    tell(cause, virtualIp, nic, unlisted(virtualIp, now, uid));
                }
            });
        }
    }

    private static VirtualIPObserved unlisted(
            ResourceKey virtualIp, @Nullable Said said, String uid) {
        if (said == null) {
            return observed(
                    virtualIp,
                    new News(
                            uid,
                            "",
                            "VirtualIPMissing",
                            "VirtualIP %s does not exist".formatted(virtualIp.name())));
        }
        return observed(
                virtualIp,
                said.holder.isEmpty()
                        ? new News(
                                uid,
                                "",
                                "VirtualIPPending",
                                "VirtualIP %s has not taken note of the interface yet"
                                        .formatted(virtualIp.name()))
                        : new News(uid, "", IN_USE, message(IN_USE, virtualIp, said.holder)));
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

    /** What each interface that the VirtualIP lists is to know; null when there is none. */
    private static @Nullable Said said(@Nullable GenericRecord state, ResourceKey virtualIp) {
        if (state == null) {
            return null;
        }
        var news = new TreeMap<String, News>();
        String holder = "";
        if (!(state.get("status") instanceof GenericRecord status)) {
            return new Said(holder, news);
        }
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
                    news.putIfAbsent(
                            text(claimant, "name"),
                            new News(
                                    text(claimant, "uid"),
                                    "",
                                    reason,
                                    message(
                                            reason,
                                            virtualIp,
                                            holder.isEmpty() ? "another" : holder)));
                }
            }
        }
        return new Said(holder, news);
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

    private void tell(
            Record<String, ?> cause,
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
