package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.selector.SelectorIndex;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LabelSelectorRequirement;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * The join by itself, from a thousand to a million interfaces: what one change costs in CPU time of
 * the thread, from the decoded record of a member to the rows to be encoded, and how the cost
 * grows. Beside it, in the same run, the strawman SCAN: list all interfaces, filter, make the whole
 * list.
 *
 * <p>Reads and writes of the store are counted. Its rows that a change needs are touched
 * beforehand: what it takes to fetch them is the store's cost, and the map here stands for another
 * store.
 *
 * <p>The sizes take turns, so that what else the machine does falls on all of them.
 *
 * <p>A program, not a test: its figures depend on the machine; its ratios should not. Arguments are
 * the sizes.
 */
final class RoutingBench {

    private static final int PER_NETWORK = 1_000;
    private static final int GIANT = 12_000;
    private static final int KEYS = 50;
    private static final int VALUES = 20;
    private static final int WARM = 4_000;
    private static final int BATCH = 20;
    private static final int TURNS = 21;
    private static final int BATCHES_A_TURN = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long SEED = 7;

    /** The largest estate that the strawman is measured in. */
    private static final int SCANNED = 100_000;

    private final Serde<LoadBalancerDestination> rowSerde =
            new LocalSerdes().of(LoadBalancerDestination.class);
    private final Random random = new Random(SEED);
    private final int size;
    private final MemoryStore store = new MemoryStore();
    private final RoutingBook book = RoutingBook.of(store);
    private final List<NetworkMember> members = new ArrayList<>();
    private final Map<String, Integer> atOfKey = new HashMap<>();
    private final List<@Nullable LoadBalancerDestination> written = new ArrayList<>();

    private RoutingBench(int size) {
        this.size = size;
    }

    /**
     * One sort of change.
     *
     * @param prepare makes the change of a number ready to be run
     * @param batch how many are timed at once
     */
    private record Change(String name, IntFunction<Runnable> prepare, int batch) {

        Change(String name, IntFunction<Runnable> prepare) {
            this(name, prepare, BATCH);
        }
    }

    public static void main(String[] args) {
        var sizes =
                args.length == 0
                        ? List.of(1_000, 10_000, 100_000, 1_000_000)
                        : Arrays.stream(args).map(Integer::valueOf).toList();
        say(
                "java %s, %s"
                        .formatted(
                                System.getProperty("java.version"),
                                System.getProperty("java.vm.name")));
        // The first estate warms the code up and is thrown away.
        var warm = new RoutingBench(10_000);
        warm.build();
        warm.changes().forEach(change -> take(change.name, List.of(warm)));
        var estates = new ArrayList<RoutingBench>();
        for (int size : sizes) {
            say(
                    "%9d  memory of the index: %.0f B per interface"
                            .formatted(size, memoryPerInterface(size)));
            var estate = new RoutingBench(size);
            estate.build();
            estates.add(estate);
        }
        var names = new LinkedHashSet<String>();
        estates.forEach(estate -> estate.changes().forEach(change -> names.add(change.name)));
        for (String name : names) {
            report(name, take(name, estates));
        }
        if (estates.stream().anyMatch(estate -> estate.touched == 0)) {
            throw new IllegalStateException("nothing was touched");
        }
    }

    /** Measures one sort of change in all estates that have it, in turns. */
    private static List<Tally> take(String name, List<RoutingBench> estates) {
        var tallies = new ArrayList<Tally>();
        for (var estate : estates) {
            estate.changes().stream()
                    .filter(change -> change.name.equals(name))
                    .findFirst()
                    .ifPresent(change -> tallies.add(estate.new Tally(change)));
        }
        tallies.forEach(Tally::warmUp);
        for (int turn = 0; turn < TURNS; turn++) {
            tallies.forEach(Tally::turn);
        }
        return tallies;
    }

    private static void report(String name, List<Tally> tallies) {
        var costs = new TreeMap<Integer, Double>();
        for (var tally : tallies) {
            costs.put(tally.size(), tally.medianNanos());
            say(tally.told());
        }
        if (costs.size() > 1) {
            say(
                    "           %-38s exponent %+.3f, %.2f times from %d to %d"
                            .formatted(
                                    name,
                                    exponent(costs),
                                    costs.lastEntry().getValue() / costs.firstEntry().getValue(),
                                    costs.firstKey(),
                                    costs.lastKey()));
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private List<Change> changes() {
        var changes = new ArrayList<Change>();
        changes.add(lookUp());
        changes.addAll(constant(" in one network", () -> 0));
        changes.addAll(constant("", () -> random.nextInt(networks())));
        int plain = size - 1;
        changes.add(
                new Change(
                        "C4 twenty balancers",
                        _ -> toggle(firstOf(0) + 20 + random.nextInt(100), "twenty")));
        changes.add(
                new Change(
                        "C8 other network",
                        _ -> {
                            int at = random.nextInt(plain);
                            var row = members.get(at);
                            String key = key(at);
                            touch("member " + key);
                            String elsewhere = "ns/net0x/" + row.getName();
                            return () -> {
                                book.member(key, null, this::row);
                                book.member(elsewhere, row, this::row);
                                unmeasured(() -> {
                                    book.member(elsewhere, null, (_, _) -> {});
                                    book.member(key, row, (_, _) -> {});
                                });
                            };
                        }));
        changes.add(
                new Change(
                        "C6 balancer of 10 gone",
                        i -> {
                            String name = "ten-" + random.nextInt(networks());
                            String key = "ns/net%s/%s".formatted(name.substring(4), name);
                            var again = balancer(name, matching("ten"), i);
                            return () -> {
                                book.balancer(key, null, this::row);
                                unmeasured(() -> book.balancer(key, again, (_, _) -> {}));
                            };
                        }));
        if (size >= 100_000) {
            int last = firstOf(networks()) + 11_000;
            changes.add(new Change("C1 in the giant network", _ -> anyOf(last, "tiny")));
            changes.add(new Change("C2 one balancer of 1000", _ -> anyOf(last, "mid")));
            changes.add(new Change("C3 one balancer of 10000", _ -> anyOf(last, "big")));
            changes.add(
                    new Change(
                            "C5 selector of 1000",
                            i -> {
                                var row = balancer("mid", matching(i % 2 == 0 ? "mid2" : "mid"), i);
                                return () -> book.balancer("ns/giant/mid", row, this::row);
                            },
                            1));
        }
        return changes;
    }

    /**
     * Changes that affect a constant number, of interfaces of one Network after the other or of the
     * same: the work does not differ, but what is far from the processor has to be fetched.
     */
    private List<Change> constant(String where, IntSupplier network) {
        return List.of(
                new Change(
                        "C0 irrelevant label" + where,
                        i -> {
                            int at = anyIn(network);
                            return put(at, with(at, "note", "n" + i));
                        }),
                new Change(
                        "C1 one balancer of 10" + where,
                        _ -> toggle(firstOf(network.getAsInt()) + 20 + random.nextInt(100), "ten")),
                new Change(
                        "C7 interface gone" + where,
                        _ -> {
                            int at = anyIn(network);
                            var row = members.get(at);
                            String key = key(at);
                            touch("member " + key);
                            return () -> {
                                book.member(key, null, this::row);
                                unmeasured(() -> book.member(key, row, (_, _) -> {}));
                            };
                        }));
    }

    private int anyIn(IntSupplier network) {
        return firstOf(network.getAsInt()) + random.nextInt(PER_NETWORK);
    }

    /** The least that any index could do. */
    private Change lookUp() {
        return new Change(
                "a hash map's look-up",
                _ -> {
                    String key = key(random.nextInt(size));
                    return () -> touched += atOfKey.get(key) == null ? 0 : 1;
                });
    }

    private Runnable anyOf(int from, String label) {
        return toggle(from + random.nextInt(900), label);
    }

    private Runnable toggle(int at, String label) {
        boolean in = members.get(at).getLabels().containsKey(label);
        return put(at, in ? without(at, label) : with(at, label, "yes"));
    }

    // ---- Measuring ----

    private long notCounted;
    private long uncountedReads;
    private long uncountedWrites;
    private int touched;

    /** What the strawman looks through. */
    private final List<Cached> cache = new ArrayList<>();

    private void unmeasured(Runnable work) {
        long reads = store.reads();
        long writes = store.writes();
        long start = THREADS.getCurrentThreadCpuTime();
        work.run();
        notCounted += THREADS.getCurrentThreadCpuTime() - start;
        uncountedReads += store.reads() - reads;
        uncountedWrites += store.writes() - writes;
    }

    /**
     * What one sort of change costs in this estate. Batches, since asking for the CPU time takes
     * time itself. A change is prepared beforehand, as what comes off the wire is decoded
     * beforehand.
     */
    private final class Tally {

        private final Change change;
        private final List<Double> nanos = new ArrayList<>();
        private final List<Double> scans = new ArrayList<>();
        private long falseEvaluations;
        private long reads;
        private long writes;
        private long bytes;
        private int done;

        Tally(Change change) {
            this.change = change;
        }

        int size() {
            return size;
        }

        void warmUp() {
            for (int i = 0; i < WARM * change.batch / BATCH; i++) {
                change.prepare.apply(i).run();
            }
            written.clear();
        }

        void turn() {
            for (int i = 0; i < BATCHES_A_TURN; i++) {
                batch();
            }
            if (change.name.equals("C1 one balancer of 10") && size <= SCANNED) {
                scans.add(scan());
            }
        }

        private void batch() {
            var prepared = new ArrayList<Runnable>();
            for (int i = 0; i < change.batch; i++) {
                prepared.add(change.prepare.apply(done++));
            }
            notCounted = 0;
            uncountedReads = 0;
            uncountedWrites = 0;
            long falseBefore = book.index().falseEvaluations();
            long readsBefore = store.reads();
            long writesBefore = store.writes();
            long start = THREADS.getCurrentThreadCpuTime();
            prepared.forEach(Runnable::run);
            long end = THREADS.getCurrentThreadCpuTime();
            nanos.add((double) (end - start - notCounted) / change.batch);
            falseEvaluations += book.index().falseEvaluations() - falseBefore;
            reads += store.reads() - readsBefore - uncountedReads;
            writes += store.writes() - writesBefore - uncountedWrites;
            for (var row : written) {
                bytes += row == null ? 0 : rowSerde.serializer().serialize("", row).length;
            }
            written.clear();
        }

        double medianNanos() {
            return median(nanos);
        }

        String told() {
            double scan = scans.isEmpty() ? 0 : median(scans);
            return "%9d  %-38s %9.0f ns  %6.2f false evaluations  %5.1f reads  %5.1f writes  %7.0f B%s"
                    .formatted(
                            size,
                            change.name,
                            medianNanos(),
                            (double) falseEvaluations / done,
                            (double) reads / done,
                            (double) writes / done,
                            (double) bytes / done,
                            scan > 0
                                    ? "  SCAN: %.0f ns, %.0f times"
                                            .formatted(scan, scan / medianNanos())
                                    : "");
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /** The slope of log cost over log size. */
    private static double exponent(SortedMap<Integer, Double> costs) {
        double n = costs.size();
        double x = 0;
        double y = 0;
        double xx = 0;
        double xy = 0;
        for (var cost : costs.entrySet()) {
            double logSize = Math.log(cost.getKey());
            double logCost = Math.log(cost.getValue());
            x += logSize;
            y += logCost;
            xx += logSize * logSize;
            xy += logSize * logCost;
        }
        return (n * xy - x * y) / (n * xx - x * x);
    }

    /** What the index keeps, by the heap it takes. */
    private static double memoryPerInterface(int size) {
        var bench = new RoutingBench(size);
        long before = usedHeap();
        var index = new SelectorIndex();
        bench.fill(index);
        long after = usedHeap();
        if (index.memberCount() != size) {
            throw new IllegalStateException();
        }
        return (double) (after - before) / size;
    }

    private void fill(SelectorIndex index) {
        for (int i = 0; i < size; i++) {
            index.putMember(
                    "ns/net" + i / PER_NETWORK,
                    "ns/net%d/%s".formatted(i / PER_NETWORK, name(i)),
                    new TreeMap<>(labels()),
                    SelectorIndex.Listener.NONE);
        }
        for (int i = 0; i < size / 100; i++) {
            int network = i % Math.max(1, size / PER_NETWORK);
            index.putSelector(
                    "ns/net" + network,
                    "ns/net%d/lb%d".formatted(network, i),
                    Balancer.of(balancer("lb" + i, randomSelector(), i)).selector(),
                    SelectorIndex.Listener.NONE);
        }
    }

    private static long usedHeap() {
        var runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    // ---- The estate ----

    private int networks() {
        return Math.max(1, size / PER_NETWORK);
    }

    private static int firstOf(int network) {
        return network * PER_NETWORK;
    }

    private String key(int at) {
        return key(at, members.get(at));
    }

    private String key(int at, NetworkMember member) {
        return at < size
                ? "ns/net%d/%s".formatted(at / PER_NETWORK, member.getName())
                : "ns/giant/" + member.getName();
    }

    private static String name(int i) {
        return "machine-%d-eth0".formatted(i);
    }

    private void build() {
        for (int i = 0; i < size; i++) {
            var labels = labels();
            if (i % PER_NETWORK < 10) {
                labels.put("ten", "yes");
            }
            add(i, labels);
        }
        for (int network = 0; network < networks(); network++) {
            addBalancer("ns/net" + network, "ten-" + network, matching("ten"));
            for (int i = 0; i < 9; i++) {
                addBalancer("ns/net" + network, "lb-%d-%d".formatted(network, i), randomSelector());
            }
        }
        for (int i = 0; i < 20; i++) {
            addBalancer("ns/net0", "twenty-" + i, matching("twenty"));
        }
        for (int i = 0; size >= 100_000 && i < GIANT; i++) {
            var labels = labels();
            labels.put("all", "yes");
            if (i < 10) {
                labels.put("tiny", "yes");
            }
            if (i < 1_000) {
                labels.put("mid", "yes");
            } else if (i < 2_000) {
                labels.put("mid2", "yes");
            }
            if (i < 10_000) {
                labels.put("big", "yes");
            }
            add(size + i, labels);
        }
        for (String name : List.of("tiny", "mid", "big")) {
            addBalancer("ns/giant", name, matching(name));
        }
    }

    private void add(int i, Map<String, String> labels) {
        var member =
                new NetworkMember(
                        name(i),
                        "00000000-0000-4000-8000-%012d".formatted(i),
                        1L,
                        labels,
                        NetworkInterfaceState.Available,
                        List.of("10.%d.%d.%d".formatted(i >> 16 & 255, i >> 8 & 255, i & 255)),
                        List.of());
        String key = key(i, member);
        atOfKey.put(key, i);
        members.add(member);
        book.member(key, member, (_, _) -> {});
    }

    private void addBalancer(String network, String name, LabelSelector selector) {
        String key = network + "/" + name;
        book.balancer(key, balancer(name, selector, 1), (_, _) -> {});
    }

    private static BalancerRow balancer(String name, LabelSelector selector, long version) {
        return new BalancerRow(
                name,
                "00000000-0000-4000-8000-000000000000",
                version,
                List.of("IPv4"),
                selector,
                false);
    }

    private static LabelSelector matching(String label) {
        return new LabelSelector(Map.of(label, "yes"), List.of());
    }

    private Map<String, String> labels() {
        var labels = new TreeMap<String, String>();
        while (labels.size() < 3) {
            labels.put("key" + random.nextInt(KEYS), "value" + random.nextInt(VALUES));
        }
        return labels;
    }

    /** The mix of the benchmark plan: one term, two, expressions, empty, impossible. */
    private LabelSelector randomSelector() {
        int kind = random.nextInt(100);
        var labels = new TreeMap<String, String>();
        var expressions = new ArrayList<LabelSelectorRequirement>();
        if (kind < 80) {
            labels.put("key" + random.nextInt(KEYS), "value" + random.nextInt(VALUES));
        }
        if (kind >= 60 && kind < 80) {
            labels.put("key" + random.nextInt(KEYS), "value" + random.nextInt(VALUES));
        }
        if (kind >= 80 && kind < 95) {
            String operator = List.of("In", "NotIn", "Exists", "DoesNotExist").get(kind % 4);
            expressions.add(
                    new LabelSelectorRequirement(
                            "key" + random.nextInt(KEYS),
                            operator,
                            operator.endsWith("In")
                                    ? List.of("value1", "value" + random.nextInt(VALUES))
                                    : List.of()));
        }
        if (kind == 99) {
            expressions.add(new LabelSelectorRequirement("key1", "Exists", List.of()));
            expressions.add(new LabelSelectorRequirement("key1", "DoesNotExist", List.of()));
        }
        return new LabelSelector(labels, expressions);
    }

    private NetworkMember with(int at, String label, String value) {
        var labels = new TreeMap<>(members.get(at).getLabels());
        labels.put(label, value);
        return relabelled(at, labels);
    }

    private NetworkMember without(int at, String label) {
        var labels = new TreeMap<>(members.get(at).getLabels());
        labels.remove(label);
        return relabelled(at, labels);
    }

    private NetworkMember relabelled(int at, Map<String, String> labels) {
        var member = members.get(at);
        return new NetworkMember(
                member.getName(),
                member.getUid(),
                member.getVersion() + 1,
                labels,
                member.getState(),
                member.getIps(),
                member.getPrefixes());
    }

    private Runnable put(int at, NetworkMember member) {
        members.set(at, member);
        String key = key(at);
        touch("member " + key);
        int network = at / PER_NETWORK;
        touch("balancer ns/net%d/ten-%d".formatted(network, network));
        return () -> book.member(key, member, this::row);
    }

    private void touch(String row) {
        byte[] bytes = store.get(row);
        touched += bytes == null ? 0 : Arrays.hashCode(bytes);
    }

    private void row(String key, @Nullable LoadBalancerDestination row) {
        written.add(row);
    }

    // ---- The strawman ----

    /** An interface in a controller's cache, whose Network is known by name. */
    private record Cached(String namespace, String network, NetworkMember member) {}

    /**
     * One interface of the balancer of ten changed: list all, filter by namespace, Network, state
     * and selector, make the whole list. Whatever is decided before it comes to one interface, such
     * as what to ask its labels for, is decided outside the loop.
     */
    private double scan() {
        if (cache.isEmpty()) {
            for (int at = 0; at < size; at++) {
                cache.add(new Cached("ns", "net" + at / PER_NETWORK, members.get(at)));
            }
        }
        var selector =
                Objects.requireNonNull(Balancer.of(balancer("ten", matching("ten"), 1)).selector());
        String network = "net" + random.nextInt(networks());
        var list = new ArrayList<Destination>();
        long start = THREADS.getCurrentThreadCpuTime();
        for (var cached : cache) {
            var member = cached.member;
            if (cached.namespace.equals("ns")
                    && cached.network.equals(network)
                    && member.getState() == NetworkInterfaceState.Available
                    && selector.matches(member.getLabels())) {
                list.add(new Destination(member.getName(), member.getUid(), member.getIps()));
            }
        }
        double nanos = THREADS.getCurrentThreadCpuTime() - start;
        if (list.isEmpty()) {
            throw new IllegalStateException(network);
        }
        return nanos;
    }
}
