package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.BalancerCommands;
import dev.openkcm.networking.bench.load.InterfaceCommands;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.PeeringCommands;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import dev.openkcm.networking.bench.load.VipUserCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** From a command to the last thing that follows from it in another service. */
final class ChainBenchmark implements Benchmark {

    private static final double RATE = 100;

    /** Half a minute, after which what is called for every command is compiled. */
    private static final int WARM_UP = 3_000;

    private static final double ALLOWANCE = 1.2;
    private static final String INTERFACE_STATE = "openkcm.network-interface.state.v1";
    private static final String ROUTING = "openkcm.load-balancer.routing.v1";
    private static final String PORTS = "openkcm.nat-gateway.ports.v1";

    /**
     * A way from a command to an effect.
     *
     * @param hops transactions on the way, as docs/architecture.md counts them
     */
    private record Chain(String from, String to, int hops) {
        String name() {
            return from + " → " + to;
        }
    }

    private static final Chain PEERING = new Chain("second half of a peering", "both Ready", 3);
    private static final Chain ADDRESS = new Chain("VirtualIP", "its address", 3);
    private static final Chain STATUS = new Chain("VirtualIP", "interface status", 5);
    private static final Chain RANGE = new Chain("interface", "NAT range", 5);
    private static final Chain ROW = new Chain("interface", "routing row", 2);

    /** One chain, measured. */
    record Figure(String chain, int hops, Measurement measured) {
        double millis() {
            return measured.last().p50();
        }

        /** Commands from which nothing followed. */
        long missing() {
            return measured.sent() - measured.last().count();
        }
    }

    @Override
    public String name() {
        return "chain";
    }

    @Override
    public Report run(Lab lab) {
        int count = lab.options().quick() ? 600 : 3_000;
        var figures = new ArrayList<Figure>();
        var limits = new ArrayList<Measurement>();
        limits.add(limit(lab, count));
        var joins = foreignKeys(lab, count);
        peering(lab, count, figures);
        lab.createNetworks();
        addresses(lab, count, figures);
        routing(lab, count, figures);
        limits.add(limit(lab, count));
        return report(figures, limits, joins);
    }

    private static Measurement limit(Lab lab, int count) {
        return BaselineLeg.measure(
                lab,
                Level.L2,
                "network-interface",
                WARM_UP + count,
                Job.each(RATE, 0, WARM_UP),
                Job.each(RATE, WARM_UP, count));
    }

    /** The same commands through two foreign-key joins, once their keys are known. */
    private static Measurement foreignKeys(Lab lab, int count) {
        int turns = RoutedInterfaces.IN_TURN;
        return BaselineLeg.measure(
                lab,
                Level.FK,
                "network-interface",
                turns,
                Job.inTurn(RATE, 0, turns, WARM_UP / turns),
                Job.inTurn(RATE, 0, turns, count / turns));
    }

    private static void peering(Lab lab, int count, List<Figure> figures) {
        var networks = lab.service("network", "network");
        networks.start();
        networks.awaitReady();
        try (var driver = lab.driver(networks, PeeringCommands.PAIRED, lab.nextId(), 0)) {
            lab.create(driver, 0, WARM_UP + count);
            driver.run(Job.each(RATE, PeeringCommands.PAIRS, WARM_UP));
            figures.add(measure(lab, PEERING, driver, PeeringCommands.PAIRS + WARM_UP, count));
        } finally {
            networks.stop();
        }
    }

    private static void addresses(Lab lab, int count, List<Figure> figures) {
        var interfaces = lab.service("interface", "network-interface");
        var vipNat = lab.service("vip-nat", "virtual-ip");
        interfaces.start();
        vipNat.start();
        String named = lab.nextId();
        try {
            interfaces.awaitReady();
            vipNat.awaitReady();
            lab.createPool(vipNat);
            try (var vips = lab.driver(vipNat, "virtual-ip", lab.nextId(), 0)) {
                vips.run(Job.each(RATE, 0, WARM_UP));
                figures.add(measure(lab, ADDRESS, vips, WARM_UP, count));
            }
            try (var users = lab.driver(interfaces, VipUserCommands.USERS, named, 0);
                    var vips = lab.driver(vipNat, INTERFACE_STATE, "virtual-ip", named, 0)) {
                lab.create(users, 0, WARM_UP + count);
                vips.run(Job.each(RATE, 0, WARM_UP));
                figures.add(measure(lab, STATUS, vips, WARM_UP, count));
            }
            var gateways = vipNat.as("nat-gateway");
            try (var gatewayDriver = lab.driver(gateways, "nat-gateway", lab.nextId(), 0);
                    var served =
                            lab.driver(interfaces, PORTS, "network-interface", lab.nextId(), 0)) {
                lab.create(gatewayDriver, 0, InterfaceCommands.NETWORKS);
                served.run(Job.each(RATE, 0, WARM_UP));
                figures.add(measure(lab, RANGE, served, WARM_UP, count));
            }
        } finally {
            vipNat.stop();
            interfaces.stop();
        }
    }

    private static void routing(Lab lab, int count, List<Figure> figures) {
        int turns = RoutedInterfaces.IN_TURN;
        int first = RoutedInterfaces.PER_NETWORK - turns;
        var interfaces = lab.service("interface", "network-interface");
        var balancers = lab.service("loadbalancer", "load-balancer");
        interfaces.start();
        balancers.start();
        try {
            interfaces.awaitReady();
            balancers.awaitReady();
            try (var routed = lab.driver(interfaces, ROUTING, RoutedInterfaces.SPREAD, "", 0);
                    var choosing = lab.driver(balancers, BalancerCommands.CHOOSING, "", 0)) {
                // Of the first Network, which stays empty, and of the next.
                lab.create(choosing, 0, 2 * BalancerCommands.PER_NETWORK);
                lab.create(routed, 0, RoutedInterfaces.PER_NETWORK);
                // Joining and leaving take turns, so both numbers of turns are even.
                routed.run(Job.inTurn(RATE, first, turns, WARM_UP / turns));
                var job = Job.inTurn(RATE, first, turns, count / turns);
                figures.add(figure(lab, ROW, routed.run(job)));
            }
        } finally {
            balancers.stop();
            interfaces.stop();
        }
    }

    private static Figure measure(
            Lab lab, Chain chain, DriverProcess driver, int first, int count) {
        return figure(lab, chain, driver.run(Job.each(RATE, first, count)));
    }

    private static Figure figure(Lab lab, Chain chain, Measurement measured) {
        lab.progress()
                .say(
                        String.format(
                                Locale.ROOT,
                                "  %-42s %d hops: p50 %.1f  p99 %.1f ms, %d of %d",
                                chain.name(),
                                chain.hops(),
                                measured.last().p50(),
                                measured.last().p99(),
                                measured.last().count(),
                                measured.sent()));
        return new Figure(chain.name(), chain.hops(), measured);
    }

    private static Report report(
            List<Figure> figures, List<Measurement> limits, Measurement joins) {
        double limit = limits.stream().mapToDouble(m -> m.result().p50()).average().orElseThrow();
        var rows = new ArrayList<List<String>>();
        for (var each : limits) {
            rows.add(
                    List.of(
                            "L2",
                            "1",
                            "",
                            "",
                            number(each.result().p50()),
                            number(each.result().p99()),
                            ""));
        }
        rows.add(
                List.of(
                        "FK, two joins",
                        "",
                        "",
                        "",
                        number(joins.result().p50()),
                        number(joins.result().p99()),
                        ""));
        var goals = new ArrayList<Report.Goal>();
        for (var figure : figures) {
            var measured = figure.measured();
            double ratio = figure.millis() / (limit * figure.hops());
            rows.add(
                    List.of(
                            figure.chain(),
                            Integer.toString(figure.hops()),
                            number(measured.result().p50()),
                            number(measured.result().p99()),
                            number(measured.last().p50()),
                            number(measured.last().p99()),
                            String.format(Locale.ROOT, "%.2f", ratio)));
            goals.add(Report.Goal.atMost(figure.chain() + ": p50 ÷ (L2 × hops)", ratio, ALLOWANCE));
        }
        goals.add(
                Report.Goal.atMost(
                        "commands that nothing followed from",
                        figures.stream().mapToDouble(Figure::missing).sum(),
                        0));
        return new Report(
                "chain",
                List.of(
                        new Report.Sheet(
                                "ms from a command to its result, and to the last that follows"
                                        + " from it",
                                List.of(
                                        "CHAIN",
                                        "HOPS",
                                        "RESULT P50",
                                        "P99",
                                        "EFFECT P50",
                                        "P99",
                                        "÷ (L2 × HOPS)"),
                                rows)),
                goals,
                List.of(figures, limits, joins));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
