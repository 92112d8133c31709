package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.kernel.streams.RangeIndex;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.OverlapObserved;
import dev.openkcm.networking.schemas.network.v1.PeeredAddresses;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * One side of two bound Networks ⋈ the other: finds addresses of both that collide, and tells both
 * when the first collision, in the order of addresses, changed.
 *
 * <p>Two addresses collide when they overlap and at least one of them is exported: otherwise
 * neither Network ever sees the other's. Every collision is a row, so that the end of one is as
 * cheap as its beginning.
 */
final class OverlapJoin
        extends ContextualProcessor<String, PeeredAddresses, String, NetworkObservation> {

    private static final String PART = "overlaps";

    private static final String EVERYTHING = "*";

    @Override
    public void process(Record<String, PeeredAddresses> record) {
        var said = record.value();
        String side = new ResourceKey(said.getNamespace(), said.getName()).toString();
        var rows = Part.of(context().getStateStore(NetworkTopology.OBSERVED), PART);
        var pair = new Pair(rows, record.key(), side);
        if (!said.getBound()) {
            pair.unbind();
        } else if (said.getNetworkInterface() == null) {
            pair.bind(said.getExported());
        } else {
            pair.replace(said.getNetworkInterface(), said.getAddresses());
        }
        pair.changed()
                .ifPresent(change -> {
                    tell(record, pair.side, pair.other, change.message());
                    tell(record, pair.other, pair.side, change.message());
                });
    }

    private void tell(Record<String, ?> cause, String to, String peer, @Nullable String message) {
        var key = ResourceKey.parse(peer);
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        var observed = new OverlapObserved(key.namespace(), key.name(), message);
        context().forward(cause.withKey(to).withValue(new NetworkObservation(causedBy, observed)));
    }

    /** The rows of two Networks, seen from one of them. */
    private static final class Pair {

        /** What both Networks are to be told; null when nothing collides any more. */
        record Change(@Nullable String message) {}

        private final KeyValueStore<String, byte[]> rows;
        private final String pair;
        private final String side;
        private final String other;

        Pair(KeyValueStore<String, byte[]> rows, String pair, String side) {
            this.rows = rows;
            this.pair = pair;
            this.side = side;
            String[] sides = pair.split("\\|", 2);
            this.other = sides[0].equals(side) ? sides[1] : sides[0];
        }

        private RangeIndex index(String of) {
            return new RangeIndex(rows, pair + "@" + of);
        }

        void unbind() {
            for (String nic : interfaces()) {
                replace(nic, List.of());
            }
            rows.delete(sideRow(side));
        }

        /** A new filter decides anew about everything that this side holds. */
        void bind(@Nullable List<String> exported) {
            String filter = exported == null ? EVERYTHING : String.join(",", exported);
            rows.put(sideRow(side), filter.getBytes(StandardCharsets.UTF_8));
            for (String nic : interfaces()) {
                var addresses = addresses(nic);
                replace(nic, List.of());
                replace(nic, addresses);
            }
        }

        void replace(String nic, List<String> addresses) {
            for (String address : addresses(nic)) {
                var range = parse(address);
                index(side).remove(range, nic);
                for (var held : index(other).overlapping(range)) {
                    rows.delete(collisionRow(range, nic, held));
                }
            }
            if (addresses.isEmpty()) {
                rows.delete(nicRow(nic));
                return;
            }
            rows.put(nicRow(nic), String.join(",", addresses).getBytes(StandardCharsets.UTF_8));
            for (String address : addresses) {
                var range = parse(address);
                index(side).put(range, nic);
                for (var held : index(other).overlapping(range)) {
                    if (exports(side, range) || exports(other, held.range())) {
                        rows.put(collisionRow(range, nic, held), new byte[0]);
                    }
                }
            }
        }

        /** What was not told yet. */
        java.util.Optional<Change> changed() {
            byte[] told = rows.get("told " + pair);
            String before = told == null ? null : new String(told, StandardCharsets.UTF_8);
            String now = first();
            if (Objects.equals(before, now)) {
                return java.util.Optional.empty();
            }
            if (now == null) {
                rows.delete("told " + pair);
            } else {
                rows.put("told " + pair, now.getBytes(StandardCharsets.UTF_8));
            }
            return java.util.Optional.of(new Change(now));
        }

        private @Nullable String first() {
            String prefix = "collision " + pair + ' ';
            try (var collisions = rows.range(prefix, "collision " + pair + '!')) {
                if (!collisions.hasNext()) {
                    return null;
                }
                String[] parts = collisions.next().key.substring(prefix.length()).split(" ", 4);
                String[] sides = pair.split("\\|", 2);
                return "%s (NetworkInterface %s of Network %s) and %s (NetworkInterface %s of Network %s)"
                        .formatted(parts[0], parts[1], sides[0], parts[2], parts[3], sides[1]);
            }
        }

        private boolean exports(String of, Cidr range) {
            byte[] filter = rows.get(sideRow(of));
            if (filter == null) {
                return false;
            }
            String text = new String(filter, StandardCharsets.UTF_8);
            return text.equals(EVERYTHING)
                    || split(text).stream().anyMatch(f -> parse(f).overlaps(range));
        }

        private List<String> interfaces() {
            String prefix = nicRow("");
            var names = new ArrayList<String>();
            try (var nics = rows.range(prefix, "nic " + pair + ' ' + side + '!')) {
                nics.forEachRemaining(n -> names.add(n.key.substring(prefix.length())));
            }
            return names;
        }

        private List<String> addresses(String nic) {
            byte[] held = rows.get(nicRow(nic));
            return held == null ? List.of() : split(new String(held, StandardCharsets.UTF_8));
        }

        private String sideRow(String of) {
            return "side " + pair + ' ' + of;
        }

        private String nicRow(String nic) {
            return "nic " + pair + ' ' + side + ' ' + nic;
        }

        /** The same row whichever side finds the collision. */
        private String collisionRow(Cidr range, String nic, RangeIndex.Held held) {
            String mine = range.text() + ' ' + nic;
            String theirs = held.range().text() + ' ' + held.holder();
            String both = side.compareTo(other) < 0 ? mine + ' ' + theirs : theirs + ' ' + mine;
            return "collision " + pair + ' ' + both;
        }

        private static List<String> split(String list) {
            return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
        }

        private static Cidr parse(String address) {
            return (address.indexOf('/') < 0 ? Cidr.parseAddress(address) : Cidr.parse(address))
                    .orElseThrow();
        }
    }
}
