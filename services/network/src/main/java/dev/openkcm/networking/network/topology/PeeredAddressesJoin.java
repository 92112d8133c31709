package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.PeeredAddresses;
import dev.openkcm.networking.schemas.network.v1.PeeringPhase;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces ⋈ Networks, by Network: what the interfaces of a bound Network hold is sent to where
 * the two Networks of each binding meet.
 */
final class PeeredAddressesJoin
        extends ContextualProcessor<String, @Nullable SpecificRecord, String, PeeredAddresses> {

    private static final String PART = "peered";

    private static final String EVERYTHING = "*";

    /** The key of both Networks, whichever of them asks. */
    static String pair(ResourceKey one, ResourceKey other) {
        return one.compareTo(other) < 0 ? one + "|" + other : other + "|" + one;
    }

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        var rows = Part.of(context().getStateStore(NetworkTopology.OBSERVED), PART);
        if (context().recordMetadata().orElseThrow().topic().equals(NetworkTopology.MEMBERS)) {
            interfaceChanged(rows, record);
        } else {
            networkChanged(
                    rows,
                    record,
                    record.value() instanceof Network network ? bindings(network) : Map.of());
        }
    }

    /**
     * The key is {@code <namespace>/<network>/<interface>}; no record means that it holds nothing.
     */
    private void interfaceChanged(
            KeyValueStore<String, byte[]> rows, Record<String, @Nullable SpecificRecord> row) {
        var record = row.withKey(ByOwner.owner(row.key()));
        String nic = row.key().substring(record.key().length() + 1);
        var addresses = new ArrayList<String>();
        if (row.value() instanceof NetworkMember member) {
            addresses.addAll(member.getIps());
            addresses.addAll(member.getPrefixes());
        }
        String known = "nic " + record.key() + ' ' + nic;
        String now = String.join(",", addresses);
        byte[] before = rows.get(known);
        if (now.equals(before == null ? "" : new String(before, StandardCharsets.UTF_8))) {
            return; // Labels and states are none of its business.
        }
        if (addresses.isEmpty()) {
            rows.delete(known);
        } else {
            rows.put(known, bytes(now));
        }
        for (String pair : known(rows, record).keySet()) {
            sendInterface(record, pair, nic, addresses);
        }
    }

    private void networkChanged(
            KeyValueStore<String, byte[]> rows,
            Record<String, @Nullable SpecificRecord> record,
            Map<String, String> bindings) {
        var before = known(rows, record);
        if (bindings.equals(before)) {
            return; // Most changes of a Network are none of a peering.
        }
        if (bindings.isEmpty()) {
            rows.delete("pairs " + record.key());
        } else {
            var lines = new ArrayList<String>();
            bindings.forEach((pair, exported) -> lines.add(pair + " " + exported));
            rows.put("pairs " + record.key(), bytes(String.join("\n", lines)));
        }
        for (String pair : before.keySet()) {
            if (!bindings.containsKey(pair)) {
                send(record, pair, false, null, null, List.of());
            }
        }
        bindings.forEach((pair, exported) -> {
            String known = before.get(pair);
            if (exported.equals(known)) {
                return;
            }
            var ranges = exported.equals(EVERYTHING) ? null : split(exported);
            send(record, pair, true, ranges, null, List.of());
            if (known == null) {
                for (var nic : interfaces(rows, record.key())) {
                    sendInterface(record, pair, nic.key, split(nic.value));
                }
            }
        });
    }

    /** What this side of each pair was last said to export. */
    private static Map<String, String> known(
            KeyValueStore<String, byte[]> rows, Record<String, ?> network) {
        var known = new TreeMap<String, String>();
        byte[] row = rows.get("pairs " + network.key());
        if (row != null) {
            for (String line : new String(row, StandardCharsets.UTF_8).split("\n", -1)) {
                String[] parts = line.split(" ", 2);
                known.put(parts[0], parts[1]);
            }
        }
        return known;
    }

    /** By pair of Networks, what this one exports. */
    private static Map<String, String> bindings(Network network) {
        var key =
                new ResourceKey(
                        network.getMetadata().getNamespace(), network.getMetadata().getName());
        var bindings = new TreeMap<String, String>();
        for (var status : network.getStatus().getPeerings()) {
            if (status.getPhase() != PeeringPhase.Bound) {
                continue;
            }
            for (var peering : network.getSpec().getPeerings()) {
                if (peering.getName().equals(status.getName())) {
                    var reference = peering.getNetworkRef();
                    String namespace = reference.getNamespace();
                    var peer =
                            new ResourceKey(
                                    namespace == null ? key.namespace() : namespace,
                                    reference.getName());
                    var exported = status.getPrefixes().stream().map(p -> p.getPrefix()).toList();
                    bindings.put(
                            pair(key, peer),
                            peering.getPrefixes().isEmpty()
                                    ? EVERYTHING
                                    : String.join(",", exported));
                }
            }
        }
        return bindings;
    }

    private void sendInterface(
            Record<String, ?> cause, String pair, String nic, List<String> addresses) {
        send(cause, pair, true, null, nic, addresses);
    }

    private void send(
            Record<String, ?> cause,
            String pair,
            boolean bound,
            @Nullable List<String> exported,
            @Nullable String nic,
            List<String> addresses) {
        var network = ResourceKey.parse(cause.key());
        var value =
                new PeeredAddresses(
                        network.namespace(), network.name(), bound, exported, nic, addresses);
        context().forward(cause.withKey(pair).withValue(value));
    }

    /** The interfaces of a Network by name, and what they hold. */
    private static List<KeyValue<String, String>> interfaces(
            KeyValueStore<String, byte[]> rows, String network) {
        var found = new ArrayList<KeyValue<String, String>>();
        String prefix = "nic " + network + " ";
        try (var all = rows.range(prefix, "nic " + network + "!")) {
            all.forEachRemaining(r ->
                    found.add(
                            KeyValue.pair(
                                    r.key.substring(prefix.length()),
                                    new String(r.value, StandardCharsets.UTF_8))));
        }
        return found;
    }

    private static List<String> split(String list) {
        return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
