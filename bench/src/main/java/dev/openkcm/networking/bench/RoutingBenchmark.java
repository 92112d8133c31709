package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.BalancerCommands;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import java.util.ArrayList;
import java.util.List;

/**
 * From a command that relabels an interface to the row by which a balancer gains or loses it, in a
 * small estate, in a large one, and with a balancer of very many destinations.
 */
final class RoutingBenchmark implements Benchmark {

    private static final String ROUTING = "openkcm.load-balancer.routing.v1";
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
        limits.add(Relabelling.limit(lab, Level.L2, rounds));
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
        limits.add(Relabelling.limit(lab, Level.L2, rounds));
        return report(figures, limits, memory);
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
        var small = Relabelling.ofTheLast(Relabelling.SMALL, rounds);
        try (var spread = lab.driver(interfaces, ROUTING, RoutedInterfaces.SPREAD, "", large);
                var crowds =
                        lab.driver(interfaces, ROUTING, RoutedInterfaces.CROWDED, "", crowded);
                var lbs =
                        lab.driver(
                                balancers, BalancerCommands.CHOOSING, "", networks * perNetwork)) {
            lab.progress().say("%,d interfaces".formatted(Relabelling.SMALL));
            // Of the crowd's Network, which is still empty, and of the next.
            lab.create(lbs, 0, 2 * perNetwork);
            lab.create(spread, 0, Relabelling.SMALL);
            Relabelling.catchUp(lab, spread, small);
            // Else the compiler would make the large estate the faster one.
            for (int round = 0; round < WARM_UPS; round++) {
                spread.run(small);
            }
            figures.add(figure(lab, "C1", Relabelling.SMALL, chosen, spread.run(small)));
            long before = lab.liveHeapBytes(balancers.pid());

            lab.progress().say("%,d interfaces".formatted(large + crowded));
            lab.create(lbs, 2 * perNetwork, (networks - 2) * perNetwork);
            lab.create(spread, Relabelling.SMALL, large - Relabelling.SMALL);
            lab.create(crowds, 0, crowded);
            int all = large + crowded;
            // Elsewhere than before, so that nothing is remembered.
            var late = Relabelling.ofTheLast(large, rounds);
            var many = Job.inTurn(Relabelling.RATE, 0, turns, rounds);
            Relabelling.catchUp(lab, crowds, many);
            Relabelling.catchUp(lab, spread, late);
            figures.add(figure(lab, "C1", all, chosen, spread.run(late)));
            figures.add(figure(lab, "C3", all, crowd, crowds.run(many)));
            figures.add(figure(lab, "C1", all, chosen, spread.run(late)));
            long heap = lab.liveHeapBytes(balancers.pid());
            return new Memory(all, heap, (double) (heap - before) / (all - Relabelling.SMALL));
        }
    }

    private static Figure figure(
            Lab lab, String change, int interfaces, int destinations, Measurement measured) {
        return new Figure(
                change, interfaces, destinations, Relabelling.told(lab, change, measured));
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
                            Relabelling.number(each.result().p50()),
                            Relabelling.number(each.result().p99()),
                            "",
                            "",
                            ""));
        }
        for (var figure : figures) {
            var measured = figure.measured();
            rows.add(
                    List.of(
                            figure.change(),
                            Relabelling.count(figure.interfaces()),
                            Relabelling.count(figure.destinations()),
                            Relabelling.number(measured.result().p50()),
                            Relabelling.number(measured.result().p99()),
                            Relabelling.number(measured.state().p50()),
                            Relabelling.number(measured.state().p99()),
                            Relabelling.number(measured.state().p50() / limit)));
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
                        Relabelling.atMost(
                                "C1, %,d over %,d interfaces"
                                        .formatted(memory.interfaces(), small.interfaces()),
                                few / small.rowMillis(),
                                1.3),
                        Relabelling.atMost(
                                "balancer of %,d over one of %,d"
                                        .formatted(many.destinations(), small.destinations()),
                                many.rowMillis() / few,
                                1.2),
                        Relabelling.atMost(
                                "commands without a row",
                                figures.stream()
                                        .mapToDouble(f -> Relabelling.missing(f.measured()))
                                        .sum(),
                                0),
                        Relabelling.atMost("bytes of heap an interface", memory.bytesEach(), 700)),
                List.of(figures, limits, memory));
    }
}
