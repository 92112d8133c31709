package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.BalancerCommands;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Latency;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From a command about an interface or a balancer to the last row of the routing that follows from
 * it: changes of every sort, in a small estate and in a large one, and with balancers of very many
 * destinations.
 */
final class RoutingBenchmark implements Benchmark {

    private static final String ROUTING = "openkcm.load-balancer.routing.v1";
    private static final int WARM_UPS = 3;
    private static final int TURNS = RoutedInterfaces.IN_TURN;

    /** Commands a second where twenty rows follow from each. */
    private static final double RATE_OF_TWENTY = 25;

    /** Commands a second where each changes a whole list. */
    private static final double RATE_OF_SELECTORS = 1;

    private static final int ROUNDS_OF_SELECTORS = 10;

    /** What C1 and others cost in the large estate, at most, of what they cost in the small one. */
    private static final double GROWTH = 1.3;

    /**
     * One change in one estate.
     *
     * @param change as in docs/benchmarks.md
     * @param interfaces in the estate
     * @param destinations of the balancer, or of each of them
     * @param rows that are expected to follow from each command
     */
    record Figure(String change, int interfaces, int destinations, int rows, Measurement measured) {

        /** Until the last row, or until the answer where no row follows. */
        double millis() {
            return rows == 0 ? measured.result().p50() : measured.last().p50();
        }

        double missing() {
            return rows == 0 ? 0 : Relabelling.missing(measured);
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
        int rounds = quick ? 4 : 20;
        var limits = new ArrayList<Measurement>();
        limits.add(Relabelling.limit(lab, Level.L2, rounds));
        lab.createNetworks();
        var interfaces = lab.service("interface", "network-interface");
        var balancers = lab.service("loadbalancer", "load-balancer");
        interfaces.start();
        balancers.start();
        var estate =
                new Estate(
                        lab,
                        interfaces,
                        balancers,
                        quick ? 10_000 : 100_000,
                        quick ? 1_000 : 10_000,
                        rounds);
        Memory memory;
        try {
            interfaces.awaitReady();
            balancers.awaitReady();
            memory = estate.measure();
        } finally {
            balancers.stop();
            interfaces.stop();
        }
        limits.add(Relabelling.limit(lab, Level.L2, rounds));
        return report(estate, limits, memory);
    }

    /** The interfaces and balancers of a run, and what is measured with them. */
    private static final class Estate {

        private final Lab lab;
        private final ServiceLeg interfaces;
        private final ServiceLeg balancers;
        private final int large;
        private final int crowd;
        private final int rounds;
        private final List<Figure> figures = new ArrayList<>();
        private long needlessRows;

        Estate(
                Lab lab,
                ServiceLeg interfaces,
                ServiceLeg balancers,
                int large,
                int crowd,
                int rounds) {
            this.lab = lab;
            this.interfaces = interfaces;
            this.balancers = balancers;
            this.large = large;
            this.crowd = crowd;
            this.rounds = rounds;
        }

        private DriverProcess nics(String entity) {
            return lab.driver(interfaces, ROUTING, entity, "", large);
        }

        private DriverProcess lbs(String entity) {
            return lab.driver(balancers, ROUTING, entity, "", large);
        }

        Memory measure() {
            int perNetwork = BalancerCommands.PER_NETWORK;
            int networks = 1 + large / RoutedInterfaces.PER_NETWORK;
            int small = Relabelling.SMALL;
            try (var spread = nics(RoutedInterfaces.SPREAD);
                    var crowds = nics(RoutedInterfaces.CROWDED);
                    var choosing = lbs(BalancerCommands.CHOOSING)) {
                lab.progress().say("%,d interfaces".formatted(small));
                // Of the crowd's Network, which is still empty, and of the next.
                lab.create(choosing, 0, 2 * perNetwork);
                lab.create(spread, 0, small);
                var inTurn = Relabelling.ofTheLast(small, rounds);
                Relabelling.catchUp(lab, spread, inTurn);
                // Else the compiler would make the large estate the faster one.
                for (int round = 0; round < WARM_UPS; round++) {
                    spread.run(inTurn);
                }
                int chosen = RoutedInterfaces.CHOSEN;
                figure("C1", small, chosen, 1, spread.run(inTurn));
                long before = lab.liveHeapBytes(balancers.pid());
                changesOf(spread, small, small);

                int all = large + crowd + TURNS;
                lab.progress().say("%,d interfaces".formatted(all));
                lab.create(choosing, 2 * perNetwork, (networks - 2) * perNetwork);
                lab.create(spread, small - TURNS, large - small + TURNS);
                lab.create(crowds, 0, crowd + TURNS);
                // Elsewhere than before, so that nothing is remembered.
                var late = Relabelling.ofTheLast(large, rounds);
                var many = Job.inTurn(Relabelling.RATE, 0, TURNS, rounds);
                lab.settle(interfaces, balancers);
                Relabelling.catchUp(lab, crowds, many);
                Relabelling.catchUp(lab, spread, late);
                figure("C1", all, chosen, 1, spread.run(late));
                try (var clubbed = nics(RoutedInterfaces.CLUBBED);
                        var fickle = lbs(BalancerCommands.FICKLE)) {
                    int club = crowd / RoutedInterfaces.CLUBBED_EVERY;
                    lab.create(fickle, 0, 1);
                    Relabelling.catchUp(lab, clubbed, many);
                    figure("C2", all, club, 1, clubbed.run(many));
                    figure("C3", all, crowd, 1, crowds.run(many));
                    figure("C1", all, chosen, 1, spread.run(late));
                    var selectors = Job.inTurn(RATE_OF_SELECTORS, 0, 1, ROUNDS_OF_SELECTORS);
                    fickle.run(selectors);
                    figure("C5", all, club, 2 * club, fickle.run(selectors));
                }
                long heap = lab.liveHeapBytes(balancers.pid());
                changesOf(spread, all, large);
                return new Memory(all, heap, (double) (heap - before) / (all - small));
            }
        }

        /** Changes to the last interfaces of so many, and to balancers of their Network. */
        private void changesOf(DriverProcess spread, int all, int last) {
            int network = last / RoutedInterfaces.PER_NETWORK;
            int first = last - TURNS;
            int chosen = RoutedInterfaces.CHOSEN;
            var inTurn = Relabelling.ofTheLast(last, rounds);
            try (var noted = lab.driver(interfaces, RoutedInterfaces.NOTED, "", large)) {
                long rows = lab.recordsOf(ROUTING);
                noted.run(inTurn);
                figure("C0", all, 0, 0, noted.run(inTurn));
                needlessRows += lab.recordsOf(ROUTING) - rows;
            }
            int twenty = BalancerCommands.POPULAR_PER_NETWORK;
            try (var popular = nics(RoutedInterfaces.POPULAR);
                    var popularOnes = lbs(BalancerCommands.POPULAR)) {
                lab.create(popularOnes, network * twenty, twenty);
                var job = Job.inTurn(RATE_OF_TWENTY, first, TURNS, 2);
                popular.run(job);
                figure("C4", all, 0, twenty, popular.run(job));
            }
            int hundred = BalancerCommands.DOOMED_PER_NETWORK;
            try (var doomed = lbs(BalancerCommands.DOOMED)) {
                doomed.run(Job.each(RATE_OF_TWENTY, network * hundred, hundred));
                var job = Job.deleteEach(RATE_OF_TWENTY, network * hundred, hundred);
                figure("C6", all, chosen, chosen, doomed.run(job));
            }
            try (var moved = nics(RoutedInterfaces.MOVED)) {
                spread.run(Relabelling.ofTheLast(last, 1)); // Then all of them are chosen.
                figure("C7", all, chosen, 1, spread.run(deleted(first)));
                // A driver that just started would measure itself.
                moved.run(created(first));
                moved.run(deleted(first));
                figure("C8", all, chosen, 1, moved.run(created(first)));
                moved.run(deleted(first));
            }
        }

        private static Job deleted(int first) {
            return Job.deleteEach(Relabelling.RATE, first, TURNS);
        }

        private static Job created(int first) {
            return Job.each(Relabelling.RATE, first, TURNS);
        }

        private void figure(
                String change, int all, int destinations, int rows, Measurement measured) {
            figures.add(
                    new Figure(
                            change,
                            all,
                            destinations,
                            rows,
                            Relabelling.told(lab, change, measured)));
        }
    }

    private static Report report(Estate estate, List<Measurement> limits, Memory memory) {
        double limit = limits.stream().mapToDouble(m -> m.result().p50()).average().orElseThrow();
        var rows = new ArrayList<List<String>>();
        for (var each : limits) {
            rows.add(row("L2", "", "", "", each.result(), null, Double.NaN));
        }
        for (var figure : estate.figures) {
            var measured = figure.measured();
            rows.add(
                    row(
                            figure.change(),
                            Relabelling.count(figure.interfaces()),
                            Relabelling.count(figure.destinations()),
                            Relabelling.count(figure.rows()),
                            measured.result(),
                            figure.rows() == 0 ? null : measured.last(),
                            figure.millis() / limit));
        }
        var goals = new ArrayList<Report.Goal>();
        for (String change : List.of("C0", "C1", "C4", "C6", "C7", "C8")) {
            goals.add(
                    Report.Goal.atMost(
                            "%s, %,d over %,d interfaces"
                                    .formatted(change, memory.interfaces(), Relabelling.SMALL),
                            inLarge(estate, change) / inSmall(estate, change),
                            GROWTH));
        }
        for (String change : List.of("C2", "C3")) {
            goals.add(
                    Report.Goal.atMost(
                            change + " over C1",
                            inLarge(estate, change) / inLarge(estate, "C1"),
                            1.2));
        }
        goals.add(
                Report.Goal.atMost(
                        "commands without a row",
                        estate.figures.stream().mapToDouble(Figure::missing).sum(),
                        0));
        goals.add(Report.Goal.atMost("rows by C0", (double) estate.needlessRows, 0));
        goals.add(Report.Goal.atMost("bytes of heap an interface", memory.bytesEach(), 700));
        return new Report(
                "routing",
                List.of(
                        new Report.Sheet(
                                "ms from a command to its result, and to the last row of the"
                                        + " routing; times the limit",
                                List.of(
                                        "CHANGE",
                                        "INTERFACES",
                                        "DESTINATIONS",
                                        "ROWS",
                                        "RESULT P50",
                                        "P99",
                                        "LAST ROW P50",
                                        "P99",
                                        "× L2"),
                                rows)),
                goals,
                List.of(estate.figures, limits, memory));
    }

    private static double inSmall(Estate estate, String change) {
        return mean(estate, change, true);
    }

    private static double inLarge(Estate estate, String change) {
        return mean(estate, change, false);
    }

    private static double mean(Estate estate, String change, boolean small) {
        return estate.figures.stream()
                .filter(figure -> figure.change().equals(change))
                .filter(figure -> (figure.interfaces() == Relabelling.SMALL) == small)
                .mapToDouble(Figure::millis)
                .average()
                .orElseThrow();
    }

    private static List<String> row(
            String change,
            String interfaces,
            String destinations,
            String rows,
            Latency result,
            @Nullable Latency last,
            double ofLimit) {
        return List.of(
                change,
                interfaces,
                destinations,
                rows,
                Relabelling.number(result.p50()),
                Relabelling.number(result.p99()),
                last == null ? "" : Relabelling.number(last.p50()),
                last == null ? "" : Relabelling.number(last.p99()),
                Double.isNaN(ofLimit) ? "" : Relabelling.number(ofLimit));
    }
}
