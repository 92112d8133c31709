package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.BalancerCommands;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * From a command that relabels an interface to the row by which a balancer gains or loses it, in a
 * small estate, in a large one, and with a balancer of very many destinations.
 */
final class RoutingBenchmark implements Benchmark {

    private static final String ROUTING = "openkcm.load-balancer.routing.v1";
    private static final double RATE = 100;
    private static final int SMALL = 1_000;

    /** Caught up when a row comes within this after its command. */
    private static final double PROMPT_MILLIS = 250;

    private static final int ATTEMPTS = 60;
    private static final int WARM_UPS = 3;

    /**
     * One change in one estate.
     *
     * @param destinations of the balancer
     */
    record Figure(String change, int interfaces, int destinations, Measurement measured) {

        double rowMillis() {
            return measured.state().p50();
        }
    }

    /**
     * What the routing takes.
     *
     * @param bytesEach of the heap, for each interface with its share of the balancers
     */
    record Memory(int interfaces, long heap, double bytesEach) {}

    @Override
    public String name() {
        return "routing";
    }

    @Override
    public Report run(Lab lab) {
        boolean quick = lab.options().quick();
        int large = quick ? 10_000 : 100_000;
        int crowd = quick ? 1_000 : 10_000;
        int rounds = quick ? 4 : 20;
        var figures = new ArrayList<Figure>();
        var limits = new ArrayList<Measurement>();
        limits.add(limit(lab, rounds));
        lab.createNetworks();
        var interfaces = lab.service("interface", "network-interface");
        var balancers = lab.service("loadbalancer", "load-balancer");
        interfaces.start();
        balancers.start();
        Memory memory;
        try {
            interfaces.awaitReady();
            balancers.awaitReady();
            memory = measure(lab, interfaces, balancers, large, crowd, rounds, figures);
        } finally {
            balancers.stop();
            interfaces.stop();
        }
        limits.add(limit(lab, rounds));
        return report(figures, limits, memory);
    }

    private static Measurement limit(Lab lab, int rounds) {
        lab.progress().say("L2");
        var leg = new BaselineLeg(lab, Level.L2, lab.nextId() + "L2");
        leg.start();
        int turns = RoutedInterfaces.IN_TURN;
        try (var driver = lab.driver(leg, RoutedInterfaces.SPREAD, "", SMALL)) {
            driver.run(Job.inTurn(RATE, SMALL - turns, turns, rounds));
            return driver.run(Job.inTurn(RATE, SMALL - turns, turns, rounds));
        } finally {
            leg.stop();
        }
    }

    private static Memory measure(
            Lab lab,
            ServiceLeg interfaces,
            ServiceLeg balancers,
            int large,
            int crowd,
            int rounds,
            List<Figure> figures) {
        int turns = RoutedInterfaces.IN_TURN;
        int crowded = crowd + turns;
        int networks = 1 + large / RoutedInterfaces.PER_NETWORK;
        int perNetwork = BalancerCommands.PER_NETWORK;
        int chosen = RoutedInterfaces.CHOSEN;
        var small = Job.inTurn(RATE, SMALL - turns, turns, rounds);
        try (var spread = lab.driver(interfaces, ROUTING, RoutedInterfaces.SPREAD, "", large);
                var crowds =
                        lab.driver(interfaces, ROUTING, RoutedInterfaces.CROWDED, "", crowded);
                var lbs =
                        lab.driver(
                                balancers, BalancerCommands.CHOOSING, "", networks * perNetwork)) {
            lab.progress().say("%,d interfaces".formatted(SMALL));
            // Of the crowd's Network, which is still empty, and of the next.
            lab.create(lbs, 0, 2 * perNetwork);
            lab.create(spread, 0, SMALL);
            catchUp(lab, spread, small);
            // Else the compiler would make the large estate the faster one.
            for (int round = 0; round < WARM_UPS; round++) {
                spread.run(small);
            }
            figures.add(figure(lab, "C1", SMALL, chosen, spread.run(small)));
            long before = lab.liveHeapBytes(balancers.pid());

            lab.progress().say("%,d interfaces".formatted(large + crowded));
            lab.create(lbs, 2 * perNetwork, (networks - 2) * perNetwork);
            lab.create(spread, SMALL, large - SMALL);
            lab.create(crowds, 0, crowded);
            int all = large + crowded;
            // Elsewhere than before, so that nothing is remembered.
            var late = Job.inTurn(RATE, large - turns, turns, rounds);
            var many = Job.inTurn(RATE, 0, turns, rounds);
            catchUp(lab, crowds, many);
            catchUp(lab, spread, late);
            figures.add(figure(lab, "C1", all, chosen, spread.run(late)));
            figures.add(figure(lab, "C3", all, crowd, crowds.run(many)));
            figures.add(figure(lab, "C1", all, chosen, spread.run(late)));
            long heap = lab.liveHeapBytes(balancers.pid());
            return new Memory(all, heap, (double) (heap - before) / (all - SMALL));
        }
    }

    /** Rows come in the order of commands, so when one comes promptly, all before it have come. */
    private static void catchUp(Lab lab, DriverProcess driver, Job job) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var warm = driver.run(job);
            if (warm.state().count() == warm.sent() && warm.state().p50() < PROMPT_MILLIS) {
                return;
            }
        }
        lab.progress().say("  The routing does not catch up; the figures will be bad.");
    }

    private static Figure figure(
            Lab lab, String change, int interfaces, int destinations, Measurement measured) {
        lab.progress()
                .say(
                        String.format(
                                Locale.ROOT,
                                "  %s: row p50 %.1f  p99 %.1f ms, %d of %d",
                                change,
                                measured.state().p50(),
                                measured.state().p99(),
                                measured.state().count(),
                                measured.sent()));
        return new Figure(change, interfaces, destinations, measured);
    }

    private static Report report(List<Figure> figures, List<Measurement> limits, Memory memory) {
        double limit = limits.stream().mapToDouble(m -> m.result().p50()).average().orElseThrow();
        var rows = new ArrayList<List<String>>();
        for (var each : limits) {
            rows.add(
                    List.of(
                            "L2",
                            "",
                            "",
                            number(each.result().p50()),
                            number(each.result().p99()),
                            "",
                            "",
                            ""));
        }
        for (var figure : figures) {
            var measured = figure.measured();
            rows.add(
                    List.of(
                            figure.change(),
                            String.format(Locale.ROOT, "%,d", figure.interfaces()),
                            String.format(Locale.ROOT, "%,d", figure.destinations()),
                            number(measured.result().p50()),
                            number(measured.result().p99()),
                            number(measured.state().p50()),
                            number(measured.state().p99()),
                            number(measured.state().p50() / limit)));
        }
        var small = figures.getFirst();
        var large = figures.stream().skip(1).filter(f -> f.change().equals("C1")).toList();
        var many = figures.stream().filter(f -> f.change().equals("C3")).findFirst().orElseThrow();
        double few = large.stream().mapToDouble(Figure::rowMillis).average().orElseThrow();
        return new Report(
                "routing",
                List.of(
                        new Report.Sheet(
                                "ms from the command of an interface to its result, and to the row"
                                        + " of the balancer; times the limit",
                                List.of(
                                        "CHANGE",
                                        "INTERFACES",
                                        "DESTINATIONS",
                                        "RESULT P50",
                                        "P99",
                                        "ROW P50",
                                        "P99",
                                        "× L2"),
                                rows)),
                List.of(
                        goal(
                                "C1, %,d over %,d interfaces"
                                        .formatted(memory.interfaces(), small.interfaces()),
                                few / small.rowMillis(),
                                1.3),
                        goal(
                                "balancer of %,d over one of %,d"
                                        .formatted(many.destinations(), small.destinations()),
                                many.rowMillis() / few,
                                1.2),
                        goal("commands without a row", missing(figures), 0),
                        goal("bytes of heap an interface", memory.bytesEach(), 700)),
                List.of(figures, limits, memory));
    }

    private static double missing(List<Figure> figures) {
        return figures.stream()
                .mapToDouble(f -> f.measured().sent() - f.measured().state().count())
                .sum();
    }

    private static Report.Goal goal(String what, double value, double limit) {
        return new Report.Goal(what, Spread.of(DoubleStream.of(value)), true, limit);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
