package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.ByOwner;
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

    static final String STORE = "network-peered-addresses";

    private static final String EVERYTHING = "*";

    /** The key of both Networks, whichever of them asks. */
    static String pair(ResourceKey one, ResourceKey other) {
        return one.compareTo(other) < 0 ? one + "|" + other : other + "|" + one;
    }

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
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
        String known = "nic %s %s".formatted(record.key(), nic);
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
        for (var binding : rows(rows, "pair " + record.key())) {
            sendInterface(record, binding.key, nic, addresses);
        }
    }

    private void networkChanged(
            KeyValueStore<String, byte[]> rows,
            Record<String, @Nullable SpecificRecord> record,
            Map<String, String> bindings) {
        var before = new TreeMap<String, String>();
        rows(rows, "pair " + record.key()).forEach(b -> before.put(b.key, b.value));
        for (String pair : before.keySet()) {
            if (!bindings.containsKey(pair)) {
                rows.delete("pair %s %s".formatted(record.key(), pair));
                send(record, pair, false, null, null, List.of());
            }
        }
        bindings.forEach((pair, exported) -> {
            String known = before.get(pair);
            if (exported.equals(known)) {
                return;
            }
            rows.put("pair %s %s".formatted(record.key(), pair), bytes(exported));
            var ranges = exported.equals(EVERYTHING) ? null : split(exported);
            send(record, pair, true, ranges, null, List.of());
            if (known == null) {
                for (var nic : rows(rows, "nic " + record.key())) {
                    sendInterface(record, pair, nic.key, split(nic.value));
                }
            }
        });
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

    /** What follows the prefix, and the values. */
    private static List<KeyValue<String, String>> rows(
            KeyValueStore<String, byte[]> rows, String prefix) {
        var found = new ArrayList<KeyValue<String, String>>();
        try (var all = rows.range(prefix + " ", prefix + "!")) {
            all.forEachRemaining(r ->
                    found.add(
                            KeyValue.pair(
                                    r.key.substring(prefix.length() + 1),
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
