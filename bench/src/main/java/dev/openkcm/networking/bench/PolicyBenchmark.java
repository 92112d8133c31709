package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.ChoosingPolicies;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * From a command that relabels an interface to the row by which a group of policies gains or loses
 * it, in a small estate and in a large one, beside baselines of the same commands.
 */
final class PolicyBenchmark implements Benchmark {

    private static final String GROUPS = "openkcm.network-policy.groups.v1";
    private static final int WARM_UPS = 3;

    /** The pass-through that goals are ratios to, and what a read and a write add to it. */
    private static final List<Level> LEVELS = List.of(Level.L1, Level.L2);

    /**
     * What one estate took.
     *
     * @param policies of which each has two groups
     */
    record Figure(int interfaces, int policies, Measurement measured) {}

    @Override
    public String name() {
        return "policy";
    }

    @Override
    public Report run(Lab lab) {
        boolean quick = lab.options().quick();
        int large = quick ? 10_000 : 100_000;
        int rounds = quick ? 4 : 20;
        Map<Level, List<Measurement>> limits = new EnumMap<>(Level.class);
        limits(lab, rounds, limits);
        lab.createNetworks();
        var interfaces = lab.service("interface", "network-interface");
        var policies = lab.service("policy", "network-policy");
        interfaces.start();
        policies.start();
        List<Figure> figures;
        try {
            interfaces.awaitReady();
            policies.awaitReady();
            lab.beginProfile(policies.pid());
            figures = measure(lab, interfaces, policies, large, rounds);
            lab.endProfile(policies.pid(), "policy");
        } finally {
            policies.stop();
            interfaces.stop();
        }
        limits(lab, rounds, limits);
        return report(figures, limits);
    }

    private static void limits(Lab lab, int rounds, Map<Level, List<Measurement>> limits) {
        for (var level : LEVELS) {
            limits.computeIfAbsent(level, _ -> new ArrayList<>())
                    .add(Relabelling.limit(lab, level, rounds));
        }
    }

    private static List<Figure> measure(
            Lab lab, ServiceLeg interfaces, ServiceLeg policies, int large, int rounds) {
        int small = Relabelling.SMALL;
        int networks = 1 + large / RoutedInterfaces.PER_NETWORK;
        int perNetwork = ChoosingPolicies.PER_NETWORK;
        try (var nics = lab.driver(interfaces, GROUPS, RoutedInterfaces.SPREAD, "", large);
                var nps =
                        lab.driver(
                                policies, ChoosingPolicies.CHOOSING, "", networks * perNetwork)) {
            lab.progress().say("%,d interfaces".formatted(small));
            lab.create(nps, 0, 2 * perNetwork);
            lab.create(nics, 0, small);
            var first = Relabelling.ofTheLast(small, rounds);
            Relabelling.catchUp(lab, nics, first);
            // Else the compiler would make the large estate the faster one.
            for (int round = 0; round < WARM_UPS; round++) {
                nics.run(first);
            }
            var few = Relabelling.told(lab, "small", nics.run(first));

            lab.progress().say("%,d interfaces".formatted(large));
            lab.create(nps, 2 * perNetwork, (networks - 2) * perNetwork);
            lab.create(nics, small, large - small);
            // Elsewhere than before, so that nothing is remembered.
            var late = Relabelling.ofTheLast(large, rounds);
            Relabelling.catchUp(lab, nics, late);
            var many = Relabelling.told(lab, "large", nics.run(late));
            return List.of(
                    new Figure(small, perNetwork, few),
                    new Figure(large, (networks - 1) * perNetwork, many));
        }
    }

    private static Report report(List<Figure> figures, Map<Level, List<Measurement>> limits) {
        double passThrough = p50(limits, Level.L1);
        var rows = new ArrayList<List<String>>();
        limits.forEach((level, measured) ->
                measured.forEach(m ->
                        rows.add(
                                List.of(
                                        level.name(),
                                        "",
                                        "",
                                        Relabelling.number(m.result().p50()),
                                        Relabelling.number(m.result().p99()),
                                        "",
                                        "",
                                        ""))));
        for (var figure : figures) {
            var measured = figure.measured();
            rows.add(
                    List.of(
                            "policy",
                            Relabelling.count(figure.interfaces()),
                            Relabelling.count(figure.policies()),
                            Relabelling.number(measured.result().p50()),
                            Relabelling.number(measured.result().p99()),
                            Relabelling.number(measured.state().p50()),
                            Relabelling.number(measured.state().p99()),
                            Relabelling.number(measured.state().p50() / passThrough)));
        }
        var goals = new ArrayList<Report.Goal>();
        for (var figure : figures) {
            goals.add(
                    Report.Goal.atMost(
                            "p50 of the row among %,d interfaces over L1"
                                    .formatted(figure.interfaces()),
                            figure.measured().state().p50() / passThrough,
                            2));
        }
        goals.add(
                Report.Goal.atMost(
                        "commands without a row",
                        figures.stream().mapToDouble(f -> Relabelling.missing(f.measured())).sum(),
                        0));
        return new Report(
                "policy",
                List.of(
                        new Report.Sheet(
                                "ms from the command of an interface to its result, and to the row"
                                        + " of a group; times the pass-through",
                                List.of(
                                        "LEG",
                                        "INTERFACES",
                                        "POLICIES",
                                        "RESULT P50",
                                        "P99",
                                        "ROW P50",
                                        "P99",
                                        "× L1"),
                                rows)),
                goals,
                List.of(figures, limits));
    }

    private static double p50(Map<Level, List<Measurement>> limits, Level level) {
        return limits.getOrDefault(level, List.of()).stream()
                .mapToDouble(m -> m.result().p50())
                .average()
                .orElseThrow();
    }
}
