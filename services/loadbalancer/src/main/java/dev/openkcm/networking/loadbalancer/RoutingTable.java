package dev.openkcm.networking.loadbalancer;

import dev.openkcm.networking.kernel.rest.Follower;
import dev.openkcm.networking.kernel.rest.ServiceRuntime;
import dev.openkcm.networking.loadbalancer.topology.LoadBalancerTopology;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
     */
    record Routing(
            String key,
            @Nullable LoadBalancer balancer,
            LoadBalancerDestination last,
            List<Destination> destinations) {}

    /** An interface as the routing knows it. */
    record Known(String network, NetworkMember member) {}

    /** The rows of one balancer. */
    private static final class Entry {
        final TreeMap<String, Destination> destinations = new TreeMap<>();
        @Nullable LoadBalancerDestination last;
        boolean summarised;
    }

    /** The row of an interface, undecoded, and the Network it was found under. */
    private static final class Row {
        final String network;
        final byte[] value;

        /** Of the balancers that have the same one, which is all of the same families. */
        @Nullable Destination shared;

        Row(String network, byte[] value) {
            this.network = network;
            this.value = value;
        }
    }

    private final ServiceRuntime runtime;
    private final String states = LoadBalancerTopology.kind().state();
    private final TreeMap<String, Entry> routings = new TreeMap<>();
    private final TreeMap<String, LoadBalancer> balancers = new TreeMap<>();
    private final TreeMap<String, Row> members = new TreeMap<>();
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
        String name = key.substring(0, key.indexOf('/')) + key.substring(key.lastIndexOf('/'));
        if (value != null) {
            var shared = networks.computeIfAbsent(network, n -> n);
            members.put(name, new Row(shared, value));
        } else {
            var known = members.get(name);
            if (known != null && known.network.equals(network)) {
                members.remove(name);
            }
        }
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
            String namespace = key.substring(0, key.indexOf('/'));
            var destination = shared(namespace, row.getDestination());
            entry.destinations.put(destination.getName(), destination);
        }
        if (!entry.summarised && entry.destinations.isEmpty()) {
            routings.remove(balancer);
        }
    }

    /** The same for all balancers that have the interface with the same addresses. */
    private Destination shared(String namespace, Destination destination) {
        var row = members.get(namespace + "/" + destination.getName());
        if (row == null) {
            return destination;
        }
        var known = row.shared;
        if (known != null && known.equals(destination)) {
            return known;
        }
        row.shared = destination;
        return destination;
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

    synchronized @Nullable LoadBalancer balancer(String key) {
        return balancers.get(key);
    }

    /** Null when it is not known. */
    synchronized @Nullable Known member(String key) {
        var row = members.get(key);
        return row == null ? null : known(row);
    }

    private Known known(Row row) {
        return new Known(
                row.network, decode(NetworkMember.class, LoadBalancerTopology.MEMBERS, row.value));
    }

    /** The first interfaces of a Network that are no destinations of a balancer. */
    synchronized List<Known> absent(String namespace, String network, String balancer, int limit) {
        var found = new ArrayList<Known>();
        var entry = routings.get(balancer);
        String prefix = namespace + "/";
        for (var member : members.tailMap(prefix, false).entrySet()) {
            if (found.size() == limit || !member.getKey().startsWith(prefix)) {
                break;
            }
            String name = member.getKey().substring(prefix.length());
            if (member.getValue().network.equals(network)
                    && (entry == null || !entry.destinations.containsKey(name))) {
                found.add(known(member.getValue()));
            }
        }
        return found;
    }
}
