package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.PeerObserved;
import dev.openkcm.networking.schemas.network.v1.PeeringIntent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Joins peering intents with the Network they aim at: whoever refers to a Network learns whether it
 * exists, is Available and refers back, whichever side changed.
 *
 * <p>Rows: {@code peer <network>} holds what matters of a Network, {@code intent <network> <from>}
 * that {@code from} wishes to peer with it, {@code intents <network>} how many do: most Networks
 * nobody refers to, and those cost no scan.
 */
final class PeerJoin
        extends ContextualProcessor<String, @Nullable SpecificRecord, String, NetworkObservation> {

    private static final String PART = "peers";

    /** What matters of a Network to those that refer to it. */
    private record Peer(String uid, boolean available, Set<String> references) {

        static Peer of(Network network) {
            var references = new TreeSet<String>();
            for (var peering : network.getSpec().getPeerings()) {
                var reference = peering.getNetworkRef();
                String namespace =
                        reference.getNamespace() == null
                                ? network.getMetadata().getNamespace()
                                : reference.getNamespace();
                references.add(new ResourceKey(namespace, reference.getName()).toString());
            }
            return new Peer(
                    network.getMetadata().getUid(),
                    network.getStatus().getState() == NetworkState.Available,
                    references);
        }

        byte[] toBytes() {
            String row = uid + ' ' + available + ' ' + String.join(",", references);
            return row.getBytes(StandardCharsets.UTF_8);
        }

        static @Nullable Peer fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 3);
            return new Peer(
                    parts[0],
                    Boolean.parseBoolean(parts[1]),
                    new TreeSet<>(List.of(parts[2].split(","))));
        }
    }

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        var rows = Part.of(context().getStateStore(NetworkTopology.OBSERVED), PART);
        switch (record.value()) {
            case PeeringIntent intent -> intent(rows, record, intent);
            case Network network -> network(rows, record, Peer.of(network).toBytes());
            case null -> network(rows, record, null);
            default -> throw new IllegalStateException("unknown: " + record.value());
        }
    }

    private void intent(
            KeyValueStore<String, byte[]> rows,
            Record<String, @Nullable SpecificRecord> record,
            PeeringIntent intent) {
        String from = new ResourceKey(intent.getNamespace(), intent.getName()).toString();
        String row = intentRow(record.key(), from);
        boolean known = rows.get(row) != null;
        if (intent.getWanted()) {
            if (!known) {
                rows.put(row, new byte[0]);
                Counts.add(rows, countRow(record), 1);
            }
            tell(record, from, Peer.fromBytes(rows.get("peer " + record.key())));
        } else if (known) {
            rows.delete(row);
            Counts.add(rows, countRow(record), -1);
        }
    }

    private void network(
            KeyValueStore<String, byte[]> rows,
            Record<String, @Nullable SpecificRecord> record,
            byte @Nullable [] peer) {
        String row = "peer " + record.key();
        if (java.util.Arrays.equals(rows.get(row), peer)) {
            return;
        }
        if (peer == null) {
            rows.delete(row);
        } else {
            rows.put(row, peer);
        }
        if (Counts.of(rows, countRow(record)) == 0) {
            return;
        }
        var referrers = new ArrayList<String>();
        String prefix = intentRow(record.key(), "");
        try (var intents = rows.range(prefix, "intent " + record.key() + '!')) {
            intents.forEachRemaining(i -> referrers.add(i.key.substring(prefix.length())));
        }
        referrers.forEach(from -> tell(record, from, Peer.fromBytes(peer)));
    }

    private static String intentRow(String network, String from) {
        return "intent " + network + ' ' + from;
    }

    private static String countRow(Record<String, ?> record) {
        return "intents " + record.key();
    }

    private void tell(
            Record<String, @Nullable SpecificRecord> cause, String to, @Nullable Peer peer) {
        var key = ResourceKey.parse(cause.key());
        var observed =
                new PeerObserved(
                        key.namespace(),
                        key.name(),
                        peer == null ? null : peer.uid,
                        peer != null && peer.available,
                        peer != null && peer.references.contains(to));
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        context()
                .forward(
                        new Record<>(
                                to,
                                new NetworkObservation(causedBy, observed),
                                cause.timestamp(),
                                cause.headers()));
    }
}
