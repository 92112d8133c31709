package dev.openkcm.networking.policy.engine;

import com.sun.management.OperatingSystemMXBean;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.domain.PolicySpec.Block;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.domain.PolicySpec.Peer;
import dev.openkcm.networking.policy.domain.PolicySpec.Port;
import dev.openkcm.networking.policy.domain.PolicySpec.Rule;
import dev.openkcm.networking.policy.domain.PolicySpec.Selected;
import dev.openkcm.networking.policy.engine.PolicyEngine.Group;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What the engine costs, without Kafka: how long estates of eight shapes take to fill, in how much
 * heap, what one change costs then, and how many verdicts there are in a second compared with
 * evaluating the raw policies. Costs of single steps are CPU time of the thread. A program, not a
 * test: {@code main} takes the names of scenarios, and ends with 1 when a goal is missed.
 */
final class PolicyBenchmark {

    private static final List<Port> HTTP = List.of(new Port("TCP", 80, null));
    private static final int CHANGES = 5_000;
    private static final int FILLS = 5;

    /** With fewer in a Network, reading them all is as quick as looking anything up. */
    private static final int MANY_POLICIES = 100;

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** What this thread has used of the CPU: others may be busy on the machine meanwhile. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private record Scenario(
            String name, String what, List<Member> members, List<Policy> policies) {}

    /** Counts what the engine tells. */
    private static final class Counter implements PolicyEngine.Listener {
        long events;

        @Override
        public void joined(Group group, Member member) {
            events++;
        }

        @Override
        public void left(Group group, Member member) {
            events++;
        }

        @Override
        public void changed(Group group, Member before, Member now) {
            events++;
        }
    }

    /**
     * A figure that was aimed at.
     *
     * @param reached whether it was
     */
    private record Goal(String what, boolean reached) {}

    private static final List<Goal> GOALS = new ArrayList<>();

    private static void goal(String what, double value, double atMost) {
        GOALS.add(
                new Goal("%s: %.3f, goal ≤ %.3f".formatted(what, value, atMost), value <= atMost));
    }

    private PolicyBenchmark() {}

    public static void main(String[] names) {
        Map<String, Supplier<Scenario>> scenarios = new TreeMap<>();
        scenarios.put("S1", () -> namespaces("S1", 25_000, 3, 4));
        scenarios.put("S2", () -> namespaces("S2", 100, 101, 1_000));
        scenarios.put("S3", () -> allSelectAll());
        scenarios.put("S4", () -> onePolicyEach());
        scenarios.put("S5", () -> namespaces("S5", 1_000, 10, 100));
        scenarios.put("S6", () -> byApp("S6", 250_000, 10_000));
        scenarios.put("S7", () -> byApp("S7", 50_000, 250));
        scenarios.put("S8", () -> rangesAndBalancers());
        var wanted = names.length == 0 ? List.copyOf(scenarios.keySet()) : List.of(names);
        System.out.printf(
                "Java %s, %d CPUs, load %.1f%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                PROCESS.getSystemLoadAverage());
        run(namespaces("warm-up", 2_000, 3, 4), false);
        run(namespaces("warm-up", 20, 50, 200), false);
        for (String name : wanted) {
            run(scenarios.get(name).get(), true);
        }
        System.out.println();
        for (var goal : GOALS) {
            System.out.printf("%-7s %s%n", goal.reached ? "reached" : "MISSED", goal.what);
        }
        System.exit(GOALS.stream().allMatch(Goal::reached) ? 0 : 1);
    }

    // ---- Scenarios ----

    private static ResourceKey network(int number) {
        return new ResourceKey("ns-" + number, "net");
    }

    private static Member nic(ResourceKey network, int number, String... labels) {
        var map = new TreeMap<String, String>();
        for (int i = 0; i < labels.length; i += 2) {
            map.put(labels[i], labels[i + 1]);
        }
        return new Member(
                MemberKind.NetworkInterface,
                network,
                "nic-" + number,
                "uid-" + number,
                1,
                map,
                List.of(
                        Cidr.parseAddress(
                                        "10.%d.%d.%d"
                                                .formatted(
                                                        number >> 16 & 255,
                                                        number >> 8 & 255,
                                                        number & 255))
                                .orElseThrow()));
    }

    private static Labels labels(String... pairs) {
        var map = new TreeMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return new Labels(map, List.of());
    }

    private static Peer peer(String kind, Labels labels) {
        return new Peer(null, new Selected(kind, labels));
    }

    private static Policy policy(
            ResourceKey network, int number, Labels appliesTo, List<Port> ports, Peer... peers) {
        return new Policy(
                network.sibling("policy-" + number),
                "uid-" + number,
                1,
                1,
                new PolicySpec(
                        network.name(),
                        appliesTo,
                        List.of("Ingress"),
                        List.of(new Rule(ports, List.of(peers))),
                        List.of()));
    }

    private static Scenario namespaces(String name, int networks, int policies, int interfaces) {
        var members = new ArrayList<Member>();
        var all = new ArrayList<Policy>();
        int apps = Math.max(2, Math.min(policies, 50));
        for (int n = 0; n < networks; n++) {
            var network = network(n);
            for (int i = 0; i < interfaces; i++) {
                members.add(nic(network, i, "app", "app-" + i % apps, "zone", "z" + i % 3));
            }
            for (int p = 0; p < policies; p++) {
                all.add(
                        policy(
                                network,
                                p,
                                labels("app", "app-" + p % apps),
                                HTTP,
                                peer("NetworkInterface", labels("app", "app-" + (p + 1) % apps))));
            }
        }
        return new Scenario(
                name,
                "%d networks of %d policies and %d interfaces"
                        .formatted(networks, policies, interfaces),
                members,
                all);
    }

    private static Scenario allSelectAll() {
        var members = new ArrayList<Member>();
        var policies = new ArrayList<Policy>();
        for (int i = 0; i < 10_000; i++) {
            members.add(nic(network(0), i, "app", "app-" + i % 100));
            policies.add(
                    policy(
                            network(0),
                            i,
                            labels(),
                            List.of(new Port("TCP", 1 + i % 60_000, null)),
                            peer("NetworkInterface", labels())));
        }
        return new Scenario(
                "S3", "10000 policies, 10000 interfaces, all select all", members, policies);
    }

    private static Scenario onePolicyEach() {
        var members = new ArrayList<Member>();
        var policies = new ArrayList<Policy>();
        for (int i = 0; i < 10_000; i++) {
            members.add(nic(network(0), i, "id", "id-" + i));
            policies.add(
                    policy(
                            network(0),
                            i,
                            labels("id", "id-" + i),
                            HTTP,
                            peer("NetworkInterface", labels("id", "id-" + (i + 1) % 10_000))));
        }
        return new Scenario(
                "S4", "10000 interfaces, a policy with one peer each", members, policies);
    }

    private static Scenario byApp(String name, int interfaces, int policies) {
        var members = new ArrayList<Member>();
        var all = new ArrayList<Policy>();
        for (int i = 0; i < interfaces; i++) {
            members.add(nic(network(0), i, "app", "app-" + i % policies, "zone", "z" + i % 3));
        }
        for (int p = 0; p < policies; p++) {
            all.add(
                    policy(
                            network(0),
                            p,
                            labels("app", "app-" + p),
                            HTTP,
                            peer("NetworkInterface", labels("app", "app-" + (p + 7) % policies))));
        }
        return new Scenario(
                name,
                "one network of %d interfaces and %d policies".formatted(interfaces, policies),
                members,
                all);
    }

    private static Scenario rangesAndBalancers() {
        var members = new ArrayList<Member>();
        var policies = new ArrayList<Policy>();
        for (int i = 0; i < 5_000; i++) {
            members.add(nic(network(0), i, "app", "app-" + i % 100));
        }
        for (int i = 0; i < 500; i++) {
            members.add(
                    new Member(
                            MemberKind.LoadBalancer,
                            network(0),
                            "lb-" + i,
                            "uid",
                            1,
                            new TreeMap<>(Map.of("app", "app-" + i % 100)),
                            List.of(
                                    Cidr.parseAddress("172.16.%d.%d".formatted(i / 250, i % 250))
                                            .orElseThrow())));
        }
        for (int p = 0; p < 1_000; p++) {
            var except = new ArrayList<String>();
            for (int e = 0; e < 10; e++) {
                except.add("10.%d.%d.0/24".formatted(p % 250, 20 * e));
            }
            policies.add(
                    policy(
                            network(0),
                            p,
                            labels("app", "app-" + p % 100),
                            List.of(
                                    new Port("TCP", 1_000 + p, 2_000 + p),
                                    new Port("UDP", 53, null)),
                            new Peer(new Block("10.%d.0.0/16".formatted(p % 250), except), null),
                            peer("LoadBalancer", labels("app", "app-" + (p + 3) % 100))));
        }
        return new Scenario(
                "S8",
                "1000 policies of port ranges, blocks with 10 excepts and balancers, 5000 interfaces",
                members,
                policies);
    }

    // ---- Measuring ----

    private static void run(Scenario scenario, boolean shown) {
        if (!shown) {
            labelChanges(fill(scenario, new Counter()), scenario, MemberKind.NetworkInterface);
            return;
        }
        long inputs = usedHeap();
        var seconds = new double[FILLS];
        var cpu = new double[FILLS];
        long peak = 0;
        for (int i = 0; i < FILLS; i++) {
            usedHeap();
            ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
            long start = System.nanoTime();
            long cpuStart = PROCESS.getProcessCpuTime();
            fill(scenario, new Counter());
            seconds[i] = (System.nanoTime() - start) / 1e9;
            cpu[i] = (PROCESS.getProcessCpuTime() - cpuStart) / 1e9;
            peak = Math.max(peak, peakHeap());
        }
        Arrays.sort(seconds);
        Arrays.sort(cpu);
        double median = seconds[FILLS / 2];
        var heard = new Counter();
        var engine = fill(scenario, heard);
        System.out.printf("%n%s: %s%n", scenario.name, scenario.what);
        System.out.printf(
                "  init %.3f s (%.3f to %.3f), %.3f s of CPU; heap: inputs %d MB, engine %d MB, peak of pools %d MB; %d groups, %d events%n",
                median,
                seconds[0],
                seconds[FILLS - 1],
                cpu[FILLS / 2],
                inputs >> 20,
                (usedHeap() - inputs) >> 20,
                peak >> 20,
                engine.groups().size(),
                heard.events);
        if (scenario.name.equals("S1")) {
            goal("S1 init, s", median, 2.5);
            goal("S1 peak of heap, MB", peak / 1e6, 600);
        } else if (scenario.name.equals("S3")) {
            goal("S3 init, s", median, 1);
        }
        labelChanges(engine, scenario, MemberKind.NetworkInterface);
        if (scenario.members.stream().anyMatch(m -> m.kind() == MemberKind.LoadBalancer)) {
            labelChanges(engine, scenario, MemberKind.LoadBalancer);
        }
        interfaceChanges(engine, scenario);
        policyChanges(engine, scenario);
        expansion(engine, scenario);
        verdicts(engine, scenario);
    }

    private static PolicyEngine fill(Scenario scenario, PolicyEngine.Listener listener) {
        var engine = new PolicyEngine();
        scenario.members.forEach(m -> engine.putMember(m, listener));
        scenario.policies.forEach(p -> engine.putPolicy(PolicyCompiler.compile(p), listener));
        return engine;
    }

    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(p -> p.getType() == MemoryType.HEAP)
                .mapToLong(p -> p.getPeakUsage().getUsed())
                .sum();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Resources of a kind take the labels of others, one after the other. */
    private static void labelChanges(PolicyEngine engine, Scenario scenario, MemberKind kind) {
        var random = new Random(1);
        var heard = new Counter();
        var members = scenario.members.stream().filter(m -> m.kind() == kind).toList();
        var changes = new ArrayList<Member>();
        for (int i = 0; i < CHANGES; i++) {
            var member = members.get(random.nextInt(members.size()));
            var other = members.get(random.nextInt(members.size()));
            changes.add(
                    new Member(
                            kind,
                            member.network(),
                            member.name(),
                            member.uid(),
                            2,
                            other.labels(),
                            member.addresses()));
        }
        long due = groupsJoinedOrLeft(engine, changes);
        long start = cpuNanos();
        for (var change : changes) {
            engine.putMember(change, heard);
        }
        double micros = (cpuNanos() - start) / 1e3 / CHANGES;
        engine.takeTouched();
        double groups = due / (double) CHANGES;
        if (scenario.name.equals("warm-up")) {
            return;
        }
        String what = "%s label change of a %s".formatted(scenario.name, kind);
        System.out.printf(
                "  label change of a %s: %.1f µs, %.2f groups each, %d events for %d groups%n",
                kind, micros, groups, heard.events, due);
        goal(what + ", µs", micros, 10 + 2 * groups);
        goal(what + ", events over groups", (double) Math.abs(heard.events - due), 0);
    }

    /** By holding every selector against the labels before and after each change. */
    private static long groupsJoinedOrLeft(PolicyEngine engine, List<Member> changes) {
        var byScope =
                engine.groups().stream()
                        .collect(
                                Collectors.groupingBy(
                                        g -> Member.scope(g.kind(), g.network()),
                                        Collectors.mapping(Group::selector, Collectors.toList())));
        var labels = new HashMap<String, SortedMap<String, String>>();
        long count = 0;
        for (var change : changes) {
            var before =
                    labels.getOrDefault(
                            change.key(), engine.member(change.key()).orElseThrow().labels());
            labels.put(change.key(), change.labels());
            for (var selector :
                    byScope.getOrDefault(
                            Member.scope(change.kind(), change.network()), List.of())) {
                count += selector.matches(before) == selector.matches(change.labels()) ? 0 : 1;
            }
        }
        return count;
    }

    private static void interfaceChanges(PolicyEngine engine, Scenario scenario) {
        var template = scenario.members.getFirst();
        int rounds = 1_000;
        var added = new ArrayList<Member>();
        for (int i = 0; i < rounds; i++) {
            added.add(
                    new Member(
                            template.kind(),
                            template.network(),
                            "new-" + i,
                            "uid",
                            1,
                            scenario.members.get(i % scenario.members.size()).labels(),
                            template.addresses()));
        }
        var heard = new Counter();
        long start = cpuNanos();
        added.forEach(m -> engine.putMember(m, heard));
        double add = (cpuNanos() - start) / 1e3 / rounds;
        start = cpuNanos();
        added.forEach(m -> engine.removeMember(m.key(), heard));
        double remove = (cpuNanos() - start) / 1e3 / rounds;
        engine.takeTouched();
        System.out.printf(
                "  interface: add %.1f µs, remove %.1f µs, %d group events%n",
                add, remove, heard.events);
    }

    private static void policyChanges(PolicyEngine engine, Scenario scenario) {
        var template = scenario.policies.getFirst();
        var other = scenario.policies.get(1).spec();
        int rounds = 1_000;
        var heard = new Counter();
        double add = each(rounds, template, template.spec(), engine, heard);
        double update = each(rounds, template, other, engine, heard);
        long start = cpuNanos();
        for (int i = 0; i < rounds; i++) {
            engine.removePolicy(template.key().sibling("new-" + i), heard);
        }
        double remove = (cpuNanos() - start) / 1e3 / rounds;
        System.out.printf(
                "  policy with known selectors: add %.1f µs, update %.1f µs, remove %.1f µs, %d group events%n",
                add, update, remove, heard.events);
        if (scenario.name.equals("S3")) {
            goal("S3 one more policy, µs", add, 50);
        }
        goal(
                scenario.name + " group events of policies with known selectors",
                (double) heard.events,
                0);
    }

    private static double each(
            int rounds,
            Policy template,
            PolicySpec spec,
            PolicyEngine engine,
            PolicyEngine.Listener listener) {
        long start = cpuNanos();
        for (int i = 0; i < rounds; i++) {
            var policy = new Policy(template.key().sibling("new-" + i), "uid", 1, 1, spec);
            engine.putPolicy(PolicyCompiler.compile(policy), listener);
        }
        return (cpuNanos() - start) / 1e3 / rounds;
    }

    /** The ids of all rules that hold for one interface. */
    private static void expansion(PolicyEngine engine, Scenario scenario) {
        String member = scenario.members.getFirst().key();
        int ids = 0;
        int rounds = 200;
        for (int i = 0; i < rounds; i++) {
            ids = ids(engine, member).size();
        }
        long start = cpuNanos();
        for (int i = 0; i < rounds; i++) {
            ids = ids(engine, member).size();
        }
        double micros = (cpuNanos() - start) / 1e3 / rounds;
        System.out.printf("  rules of one interface: %d ids in %.1f µs%n", ids, micros);
        goal(scenario.name + " ids of the rules of one interface, µs", micros, 1_000);
    }

    private static List<String> ids(PolicyEngine engine, String member) {
        var ids = new ArrayList<String>();
        for (var direction : Direction.values()) {
            for (var policy : engine.isolating(member, direction)) {
                for (var rule : policy.rules()) {
                    if (rule.direction() == direction) {
                        ids.add(rule.id());
                    }
                }
            }
        }
        return ids;
    }

    /**
     * Random pairs of one Network, judged in both directions, by the engine and by raw policies.
     */
    private static void verdicts(PolicyEngine engine, Scenario scenario) {
        var network = scenario.members.getFirst().network();
        var members =
                engine.members().stream()
                        .filter(m -> m.network().equals(network))
                        .filter(m -> m.kind() == MemberKind.NetworkInterface)
                        .sorted((a, b) -> a.name().compareTo(b.name()))
                        .limit(2_000)
                        .toList();
        var policies = scenario.policies.stream().filter(p -> p.network().equals(network)).toList();
        double quick = rate(members, (from, to) -> judge(engine, from, to), 500_000_000L);
        double cold = rate(members, (from, to) -> raw(policies, from, to), 1_000_000_000L);
        System.out.printf(
                "  verdicts (both directions): %.0f/s compiled, %.0f/s raw, ratio %.1f%n",
                quick, cold, quick / cold);
        if (policies.size() >= MANY_POLICIES) {
            goal(
                    scenario.name + " naive evaluation over compiled, verdicts a second",
                    cold / quick,
                    1);
        }
    }

    @FunctionalInterface
    private interface Judge {
        boolean allows(Member from, Member to);
    }

    private static double rate(List<Member> members, Judge judge, long nanos) {
        var random = new Random(2);
        long count = 0;
        long open = 0;
        long start = cpuNanos();
        do {
            for (int i = 0; i < 16; i++) {
                var from = members.get(random.nextInt(members.size()));
                var to = members.get(random.nextInt(members.size()));
                open += judge.allows(from, to) ? 1 : 0;
                count++;
            }
        } while (cpuNanos() - start < nanos);
        if (open < 0) {
            throw new IllegalStateException();
        }
        return count / ((cpuNanos() - start) / 1e9);
    }

    private static boolean judge(PolicyEngine engine, Member from, Member to) {
        var evaluator = new Evaluator(engine);
        int port = PortSet.number(Protocol.TCP, 80);
        var source = Endpoint.of(engine, Address.firstOf(from.addresses().getFirst()), from.key());
        var destination = Endpoint.of(engine, Address.firstOf(to.addresses().getFirst()), to.key());
        return evaluator.subject(from.key(), Direction.Egress).allows(destination, port)
                && evaluator.subject(to.key(), Direction.Ingress).allows(source, port);
    }

    private static boolean raw(List<Policy> policies, Member from, Member to) {
        return Raw.allows(
                        policies,
                        from,
                        Direction.Egress,
                        new Raw.Other(to.addresses().getFirst(), List.of(to)),
                        Protocol.TCP,
                        80)
                && Raw.allows(
                        policies,
                        to,
                        Direction.Ingress,
                        new Raw.Other(from.addresses().getFirst(), List.of(from)),
                        Protocol.TCP,
                        80);
    }
}
