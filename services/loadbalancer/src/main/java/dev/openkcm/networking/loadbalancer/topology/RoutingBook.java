package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.selector.SelectorIndex;
import dev.openkcm.networking.loadbalancer.topology.Target.Shown;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Which interfaces are destinations of which balancers, in the Networks of one partition.
 *
 * <p>Balancers and who matches whom are in memory and rebuilt from the rows of the store. A change
 * of an interface writes a row for each balancer that it joins, leaves or stays in with other
 * addresses, and nothing else, however many destinations these have; so does a change of a balancer
 * for each interface. Keys of interfaces and balancers are {@code <namespace>/<network>/<name>}.
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
    private final Map<String, Balancer> balancers = new HashMap<>();

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
                var balancer = Balancer.fromBytes(row.value);
                book.balancers.put(key, balancer);
                if (balancer.selector() != null) {
                    book.index.putSelector(
                            network(key), key, balancer.selector(), SelectorIndex.Listener.NONE);
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
        byte[] before = store.get(MEMBER + key);
        var now = Member.of(row);
        byte[] after = now == null ? null : now.toBytes(before);
        if (Arrays.equals(before, after)) {
            return;
        }
        var met = new Meetings();
        if (now == null) {
            store.delete(MEMBER + key);
            index.removeMember(key, met);
        } else {
            store.put(MEMBER + key, after);
            index.putMember(network(key), key, now.labels(), met);
        }
        var is = now == null ? null : now.target();
        boolean same = before == null || (after != null && Target.same(before, after));
        var was = same || before == null ? is : Target.ofRow(before);
        for (String balancer : met.left) {
            replace(balancer, name(key), was, null, rows);
        }
        for (String balancer : met.joined) {
            replace(balancer, name(key), null, is, rows);
        }
        if (!same && is != null) {
            for (String balancer : index.selectors(key)) {
                if (!met.joined.contains(balancer)) {
                    replace(balancer, name(key), was, is, rows);
                }
            }
        }
    }

    private void replace(
            String balancer, String member, @Nullable Target was, @Nullable Target is, Rows rows) {
        var tally = new Tally(balancer, known(balancer), rows);
        var families = tally.balancer.families();
        tally.replace(member, shown(was, families), shown(is, families));
        tally.close();
    }

    /** A balancer changed, or ends: nothing is left of it then. */
    void balancer(String key, @Nullable BalancerRow row, Rows rows) {
        var before = balancers.get(key);
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
        var tally = new Tally(key, before, rows);
        for (String member : index.members(key)) {
            if (shown(target(member), before.families()) != null) {
                rows.put(tally.rowKey(name(member)), null);
            }
        }
        index.removeSelector(key, SelectorIndex.Listener.NONE);
        store.delete(BALANCER + key);
        balancers.remove(key);
        rows.put(tally.rowKey(""), null);
    }

    /** First the selector, with the families as they were; then the families. */
    private void change(String key, @Nullable Balancer before, Balancer wanted, Rows rows) {
        var families = before == null ? wanted.families() : before.families();
        var now = before == null ? wanted : wanted.with(before.count(), before.hash());
        var tally = new Tally(key, now, rows);
        if (!Objects.equals(before == null ? null : before.selector(), wanted.selector())) {
            var destinations = destinations(tally, families);
            if (wanted.selector() == null) {
                index.removeSelector(key, destinations);
            } else {
                index.putSelector(network(key), key, wanted.selector(), destinations);
            }
        }
        if (!families.equals(wanted.families())) {
            for (String member : index.members(key)) {
                var target = target(member);
                tally.replace(
                        name(member), shown(target, families), shown(target, wanted.families()));
            }
        }
        tally.summarise();
        tally.close();
    }

    /** Members come and go as destinations of one balancer. */
    private SelectorIndex.Listener destinations(Tally tally, List<String> families) {
        return new SelectorIndex.Listener() {
            @Override
            public void joined(String selector, String member) {
                tally.replace(name(member), null, shown(target(member), families));
            }

            @Override
            public void left(String selector, String member) {
                tally.replace(name(member), shown(target(member), families), null);
            }
        };
    }

    private static @Nullable Shown shown(@Nullable Target target, List<String> families) {
        return target == null ? null : target.shown(families);
    }

    private Target target(String member) {
        return Target.ofRow(Objects.requireNonNull(store.get(MEMBER + member)));
    }

    private Balancer known(String key) {
        return Objects.requireNonNull(balancers.get(key));
    }

    /** {@code <namespace>/<network>}. */
    private static String network(String key) {
        return key.substring(0, key.lastIndexOf('/'));
    }

    private static String name(String key) {
        return key.substring(key.lastIndexOf('/') + 1);
    }

    /** Which balancers an interface joined and left. */
    private static final class Meetings implements SelectorIndex.Listener {
        final List<String> joined = new ArrayList<>(1);
        final List<String> left = new ArrayList<>(1);

        @Override
        public void joined(String selector, String member) {
            joined.add(selector);
        }

        @Override
        public void left(String selector, String member) {
            left.add(selector);
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
        private final String rowPrefix;
        private final LocalReference network;
        private int count;
        private Hash hash;
        private boolean changed;
        private boolean told;

        Tally(String key, Balancer balancer, Rows rows) {
            this.key = key;
            this.balancer = balancer;
            this.rows = rows;
            this.rowPrefix = key.substring(0, key.indexOf('/') + 1) + name(key) + "/";
            this.network = new LocalReference(name(network(key)));
            this.count = balancer.count();
            this.hash = balancer.hash();
        }

        void replace(String member, @Nullable Shown was, @Nullable Shown is) {
            if (Objects.equals(was, is)) {
                return;
            }
            if (was != null) {
                hash = hash.minus(was.hash());
                count--;
            }
            if (is != null) {
                hash = hash.plus(is.hash());
                count++;
            }
            rows.put(rowKey(member), is == null ? null : row(is.destination()));
            told = is != null;
            changed = true;
        }

        String rowKey(String member) {
            return rowPrefix + member;
        }

        /** Makes sure that there is a summary, which tells the version of the balancer. */
        void summarise() {
            changed = true;
            told = false;
        }

        void close() {
            if (changed) {
                var now = balancer.with(count, hash);
                balancers.put(key, now);
                store.put(BALANCER + key, now.toBytes());
                if (!told) {
                    rows.put(rowKey(""), row(null));
                }
            }
        }

        private LoadBalancerDestination row(@Nullable Destination destination) {
            return new LoadBalancerDestination(
                    network,
                    balancer.uid(),
                    balancer.version(),
                    count,
                    hash.toString(),
                    destination);
        }
    }
}
