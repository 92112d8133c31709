package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.selector.SelectorIndex;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Which interfaces are destinations of which balancers, in the Networks of one partition.
 *
 * <p>Who matches whom is in memory and rebuilt from the rows of the store. A change of an interface
 * writes a row for each balancer that it joins, leaves or stays in with other addresses, and
 * nothing else, however many destinations these have; so does a change of a balancer for each
 * interface. Keys of interfaces and balancers are {@code <namespace>/<network>/<name>}.
 */
final class RoutingBook {

    /** Where rows of destinations go; null is a tombstone. */
    @FunctionalInterface
    interface Rows {
        void put(String key, @Nullable LoadBalancerDestination row);
    }

    private static final String MEMBER = "member ";
    private static final String BALANCER = "balancer ";

    private final KeyValueStore<String, byte[]> store;
    private final SelectorIndex index = new SelectorIndex();

    private RoutingBook(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    /** Knows at once what the store tells. */
    static RoutingBook of(KeyValueStore<String, byte[]> store) {
        var book = new RoutingBook(store);
        try (var members = store.range(MEMBER, MEMBER.strip() + "!")) {
            members.forEachRemaining(row -> {
                String key = row.key.substring(MEMBER.length());
                var labels = Member.fromBytes(row.value).labels();
                book.index.putMember(network(key), key, labels, SelectorIndex.Listener.NONE);
            });
        }
        try (var balancers = store.range(BALANCER, BALANCER.strip() + "!")) {
            balancers.forEachRemaining(row -> {
                String key = row.key.substring(BALANCER.length());
                var selector = Balancer.fromBytes(row.value).selector();
                if (selector != null) {
                    book.index.putSelector(
                            network(key), key, selector, SelectorIndex.Listener.NONE);
                }
            });
        }
        return book;
    }

    SelectorIndex index() {
        return index;
    }

    /** An interface changed, or is gone. */
    void member(String key, @Nullable NetworkMember row, Rows rows) {
        var before = storedMember(key);
        var now = Member.of(row);
        if (Objects.equals(before, now)) {
            return;
        }
        var met = new Meetings();
        boolean other = before != null && now != null && !before.sameDestination(now);
        var affected = new TreeSet<>(other ? index.selectors(key) : List.of());
        if (now == null) {
            store.delete(MEMBER + key);
            index.removeMember(key, met.ofSelectors());
        } else {
            store.put(MEMBER + key, now.toBytes());
            index.putMember(network(key), key, now.labels(), met.ofSelectors());
        }
        affected.addAll(met.left);
        affected.addAll(met.joined);
        for (String balancer : affected) {
            var tally = new Tally(balancer, storedBalancer(balancer), rows);
            var families = tally.balancer.families();
            tally.replace(
                    name(key),
                    met.joined.contains(balancer) ? null : destination(before, families),
                    met.left.contains(balancer) ? null : destination(now, families));
            tally.close();
        }
    }

    /** A balancer changed, or ends: nothing is left of it then. */
    void balancer(String key, @Nullable BalancerRow row, Rows rows) {
        byte[] bytes = store.get(BALANCER + key);
        var before = bytes == null ? null : Balancer.fromBytes(bytes);
        var wanted = row == null || row.getEnding() ? null : Balancer.of(row);
        if (before != null && (wanted == null || !wanted.uid().equals(before.uid()))) {
            remove(key, before, rows);
            before = null;
        }
        if (wanted != null) {
            change(key, before, wanted, rows);
        }
    }

    private void remove(String key, Balancer before, Rows rows) {
        for (String member : index.members(key)) {
            if (destination(storedMember(member), before.families()) != null) {
                rows.put(rowKey(key, name(member)), null);
            }
        }
        index.removeSelector(key, SelectorIndex.Listener.NONE);
        store.delete(BALANCER + key);
        rows.put(rowKey(key, ""), null);
    }

    private void change(String key, @Nullable Balancer before, Balancer wanted, Rows rows) {
        var met = new Meetings();
        if (!Objects.equals(before == null ? null : before.selector(), wanted.selector())) {
            if (wanted.selector() == null) {
                index.removeSelector(key, met.ofMembers());
            } else {
                index.putSelector(network(key), key, wanted.selector(), met.ofMembers());
            }
        }
        var families = wanted.families();
        var familiesBefore = before == null ? families : before.families();
        var now = before == null ? wanted : wanted.with(before.count(), before.hash());
        var tally = new Tally(key, now, rows);
        for (String member : met.left) {
            tally.replace(name(member), destination(storedMember(member), familiesBefore), null);
        }
        if (!familiesBefore.equals(families)) {
            for (String member : index.members(key)) {
                if (!met.joined.contains(member)) {
                    var stored = storedMember(member);
                    tally.replace(
                            name(member),
                            destination(stored, familiesBefore),
                            destination(stored, families));
                }
            }
        }
        for (String member : met.joined) {
            tally.replace(name(member), null, destination(storedMember(member), families));
        }
        tally.summarise();
        tally.close();
    }

    private static @Nullable Destination destination(
            @Nullable Member member, List<String> families) {
        var ips = member == null ? List.<String>of() : member.ips(families);
        return member == null || ips.isEmpty()
                ? null
                : new Destination(member.name(), member.uid(), ips);
    }

    private @Nullable Member storedMember(String key) {
        byte[] bytes = store.get(MEMBER + key);
        return bytes == null ? null : Member.fromBytes(bytes);
    }

    private Balancer storedBalancer(String key) {
        return Balancer.fromBytes(Objects.requireNonNull(store.get(BALANCER + key)));
    }

    /** {@code <namespace>/<network>}. */
    private static String network(String key) {
        return key.substring(0, key.lastIndexOf('/'));
    }

    private static String name(String key) {
        return key.substring(key.lastIndexOf('/') + 1);
    }

    private static String rowKey(String balancer, String member) {
        String namespace = balancer.substring(0, balancer.indexOf('/'));
        return namespace + "/" + name(balancer) + "/" + member;
    }

    /** Whom one side met and left, each in the order in which the index told. */
    private static final class Meetings {
        final Set<String> joined = new LinkedHashSet<>();
        final Set<String> left = new LinkedHashSet<>();

        SelectorIndex.Listener ofSelectors() {
            return new SelectorIndex.Listener() {
                @Override
                public void joined(String selector, String member) {
                    joined.add(selector);
                }

                @Override
                public void left(String selector, String member) {
                    left.add(selector);
                }
            };
        }

        SelectorIndex.Listener ofMembers() {
            return new SelectorIndex.Listener() {
                @Override
                public void joined(String selector, String member) {
                    joined.add(member);
                }

                @Override
                public void left(String selector, String member) {
                    left.add(member);
                }
            };
        }
    }

    /**
     * The rows of one balancer as they change, and their sum. The last row written carries the sum
     * of all; a tombstone can't, so after one the summary does.
     */
    private final class Tally {
        final Balancer balancer;
        private final String key;
        private final Rows rows;
        private int count;
        private Hash hash;
        private boolean changed;
        private boolean told;

        Tally(String key, Balancer balancer, Rows rows) {
            this.key = key;
            this.balancer = balancer;
            this.rows = rows;
            this.count = balancer.count();
            this.hash = balancer.hash();
        }

        void replace(String member, @Nullable Destination was, @Nullable Destination is) {
            if (Objects.equals(was, is)) {
                return;
            }
            if (was != null) {
                hash = hash.minus(hashOf(was));
                count--;
            }
            if (is != null) {
                hash = hash.plus(hashOf(is));
                count++;
            }
            rows.put(rowKey(key, member), is == null ? null : row(is));
            told = is != null;
            changed = true;
        }

        /** Makes sure that there is a summary, which tells the version of the balancer. */
        void summarise() {
            changed = true;
            told = false;
        }

        void close() {
            if (changed) {
                store.put(BALANCER + key, balancer.with(count, hash).toBytes());
                if (!told) {
                    rows.put(rowKey(key, ""), row(null));
                }
            }
        }

        private LoadBalancerDestination row(@Nullable Destination destination) {
            return new LoadBalancerDestination(
                    new LocalReference(name(network(key))),
                    balancer.uid(),
                    balancer.version(),
                    count,
                    hash.toString(),
                    destination);
        }

        private static Hash hashOf(Destination destination) {
            return Hash.of(
                    destination.getName()
                            + "\n"
                            + destination.getUid()
                            + "\n"
                            + String.join(",", destination.getIps()));
        }
    }
}
