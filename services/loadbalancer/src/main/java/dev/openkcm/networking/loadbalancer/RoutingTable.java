package dev.openkcm.networking.loadbalancer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.openkcm.networking.kernel.rest.Follower;
import dev.openkcm.networking.kernel.rest.ServiceRuntime;
import dev.openkcm.networking.loadbalancer.topology.LoadBalancerTopology;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The published rows of all routings in memory, with the balancers they belong to and, undecoded,
 * the interfaces that could be in them.
 */
@Singleton
final class RoutingTable implements Follower {

    /**
     * A routing as published.
     *
     * @param balancer null when it is gone already, or its state not seen yet
     * @param last the row whose sum holds for all
     * @param destinations as in the document: elements of a JSON array, with commas between those
     *     of one interface; by the names of the interfaces
     */
    record Routing(
            String key,
            @Nullable LoadBalancer balancer,
            LoadBalancerDestination last,
            List<byte[]> destinations) {}

    /** An interface as the routing knows it. */
    record Known(String network, NetworkMember member) {}

    /** The rows of one balancer. */
    private static final class Entry {
        /**
         * As the document shows them: as objects they would take three times the memory, and ten
         * thousand of them would be decoded and written anew for everyone who asks.
         */
        final TreeMap<String, byte[]> destinations = new TreeMap<>();

        @Nullable LoadBalancerDestination last;
        boolean summarised;
    }

    /** The row of an interface, undecoded, and the Network it was found under. */
    private static final class Row {
        final String name;
        final String network;
        final byte[] value;

        /** Of the balancers that have the same one, which is all of the same families. */
        byte @Nullable [] shared;

        Row(String name, String network, byte[] value) {
            this.name = name;
            this.network = network;
            this.value = value;
        }
    }

    private static final TreeMap<String, Row> NOBODY = new TreeMap<>();

    private final ServiceRuntime runtime;
    private final String states = LoadBalancerTopology.kind().state();
    private final TreeMap<String, Entry> routings = new TreeMap<>();
    private final TreeMap<String, LoadBalancer> balancers = new TreeMap<>();

    /** By namespace and name. */
    private final Map<String, TreeMap<String, Row>> members = new HashMap<>();

    private final Map<String, String> networks = new HashMap<>();

    RoutingTable(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public List<String> topics() {
        return List.of(LoadBalancerTopology.ROUTING, LoadBalancerTopology.MEMBERS, states);
    }

    @Override
    public synchronized void row(String topic, String key, byte @Nullable [] value) {
        if (topic.equals(states)) {
            if (value == null) {
                balancers.remove(key);
            } else {
                balancers.put(key, decode(LoadBalancer.class, topic, value));
            }
        } else if (topic.equals(LoadBalancerTopology.MEMBERS)) {
            member(key, value);
        } else {
            destination(
                    key,
                    value == null ? null : decode(LoadBalancerDestination.class, topic, value));
        }
    }

    private <T> T decode(Class<T> type, String topic, byte[] value) {
        return type.cast(
                runtime.decoder(type.asSubclass(org.apache.avro.specific.SpecificRecord.class))
                        .deserialize(topic, value));
    }

    /** An interface that moved to another Network may be gone from the one after it is in both. */
    private void member(String key, byte @Nullable [] value) {
        String network = key.substring(key.indexOf('/') + 1, key.lastIndexOf('/'));
        String namespace = key.substring(0, key.indexOf('/'));
        String name = key.substring(key.lastIndexOf('/') + 1);
        var known = row(namespace, name);
        if (value != null) {
            var shared = networks.computeIfAbsent(network, n -> n);
            // The name is that of the key in the table, so that both are one.
            var row = new Row(known == null ? name : known.name, shared, value);
            members.computeIfAbsent(namespace, _ -> new TreeMap<>()).put(row.name, row);
        } else if (known != null && known.network.equals(network)) {
            members.getOrDefault(namespace, NOBODY).remove(name);
        }
    }

    private @Nullable Row row(String namespace, String name) {
        return members.getOrDefault(namespace, NOBODY).get(name);
    }

    private void destination(String key, @Nullable LoadBalancerDestination row) {
        int slash = key.lastIndexOf('/');
        String balancer = key.substring(0, slash);
        String member = key.substring(slash + 1);
        var entry = routings.computeIfAbsent(balancer, _ -> new Entry());
        if (row != null) {
            entry.last = row;
        }
        if (member.isEmpty()) {
            entry.summarised = row != null;
        } else if (row == null || row.getDestination() == null) {
            entry.destinations.remove(member);
        } else {
            var known = row(key.substring(0, key.indexOf('/')), member);
            byte[] written = written(row.getDestination());
            entry.destinations.put(
                    known == null ? member : known.name,
                    known == null ? written : shared(known, written));
        }
        if (!entry.summarised && entry.destinations.isEmpty()) {
            routings.remove(balancer);
        }
    }

    /** The same for all balancers that have the interface with the same addresses. */
    private static byte[] shared(Row row, byte[] destination) {
        byte[] known = row.shared;
        if (known != null && Arrays.equals(known, destination)) {
            return known;
        }
        row.shared = destination;
        return destination;
    }

    /** In the page's shape: one destination per address. */
    private static byte[] written(Destination destination) {
        return destination.getIps().stream()
                .map(ip ->
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("name", destination.getName())
                                .put("uid", destination.getUid())
                                .put("ip", ip)
                                .toString())
                .collect(Collectors.joining(","))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Null while nothing is published of it. */
    synchronized @Nullable Routing routing(String key) {
        var entry = routings.get(key);
        return entry == null || entry.last == null ? null : snapshot(key, entry, entry.last);
    }

    private Routing snapshot(String key, Entry entry, LoadBalancerDestination last) {
        return new Routing(key, balancers.get(key), last, List.copyOf(entry.destinations.values()));
    }

    /**
     * Routings in the order of their keys.
     *
     * @param namespace null for all
     * @param after a key; empty for the beginning
     */
    synchronized List<Routing> routings(@Nullable String namespace, String after, int limit) {
        var found = new ArrayList<Routing>();
        String from = namespace == null ? "" : namespace + "/";
        String start = after.compareTo(from) < 0 ? from : after;
        for (var entry : routings.tailMap(start, false).entrySet()) {
            if (found.size() == limit
                    || (namespace != null && !entry.getKey().startsWith(namespace + "/"))) {
                break;
            }
            var last = entry.getValue().last;
            if (last != null) {
                found.add(snapshot(entry.getKey(), entry.getValue(), last));
            }
        }
        return found;
    }

    /** Whether an interface of the balancer's namespace is among its destinations. */
    synchronized boolean lists(String key, String name) {
        var entry = routings.get(key);
        return entry != null && entry.destinations.containsKey(name);
    }

    synchronized @Nullable LoadBalancer balancer(String key) {
        return balancers.get(key);
    }

    /** Null when it is not known. */
    synchronized @Nullable Known member(String namespace, String name) {
        var row = row(namespace, name);
        return row == null ? null : known(row);
    }

    private Known known(Row row) {
        return new Known(
                row.network, decode(NetworkMember.class, LoadBalancerTopology.MEMBERS, row.value));
    }

    /**
     * Interfaces of a Network that are no destinations of a balancer.
     *
     * @param first in the order of their names
     * @param count of all
     */
    record Absent(List<Known> first, int count) {}

    synchronized Absent absent(String namespace, String network, String balancer, int limit) {
        var found = new ArrayList<Known>();
        int count = 0;
        var entry = routings.get(balancer);
        for (var member : members.getOrDefault(namespace, NOBODY).values()) {
            if (member.network.equals(network)
                    && (entry == null || !entry.destinations.containsKey(member.name))
                    && count++ < limit) {
                found.add(known(member));
            }
        }
        return new Absent(found, count);
    }
}
