package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.load.BalancerCommands;
import dev.openkcm.networking.bench.load.HttpLoad.Outcome;
import dev.openkcm.networking.bench.load.HttpLoad.Plan;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** What others need for the same, where they are installed. */
final class PeersBenchmark implements Benchmark {

    private static final String ROUTING = "openkcm.load-balancer.routing.v1";
    private static final int RESOURCES = 10_000;
    private static final int CONNECTIONS = 8;
    private static final int ADDED = 21;
    private static final double RATE = 100;

    /** Half a minute, after which the routing has caught up and is compiled. */
    private static final int WARM_UP_ROUNDS = 30;

    private static final int ROUNDS = 4;

    /** One port more, by OVN, and one interface relabelled, by us. */
    record Change(int ports, Spread ovnMillis, Measurement ours) {}

    /** One value, by etcd, and one document, by us. */
    record Get(Outcome etcd, Outcome ours) {}

    @Override
    public String name() {
        return "peers";
    }

    @Override
    public Report run(Lab lab) throws InterruptedException {
        var sheets = new ArrayList<Report.Sheet>();
        var goals = new ArrayList<Report.Goal>();
        var raw = new ArrayList<>();
        if (Ovn.installed()) {
            var change = change(lab);
            raw.add(change);
            double ratio = change.ours().state().p50() / change.ovnMillis().median();
            sheets.add(
                    new Report.Sheet(
                            "ms for one change among %,d ports".formatted(change.ports()),
                            List.of("WHO", "P50", "MAX"),
                            List.of(
                                    List.of(
                                            "ovn lsp-add --wait=sb",
                                            tenths(change.ovnMillis().median()),
                                            tenths(change.ovnMillis().max())),
                                    List.of(
                                            "interface → routing row",
                                            tenths(change.ours().state().p50()),
                                            tenths(change.ours().state().max())))));
            goals.add(
                    new Report.Goal(
                            "one change ÷ OVN's lsp-add --wait=sb",
                            Spread.of(DoubleStream.of(ratio)),
                            true,
                            1 / 60.0));
        } else {
            lab.progress().say("Leaving out OVN: ovn-central is not installed.");
        }
        if (Etcd.installed()) {
            var get = get(lab);
            raw.add(get);
            sheets.add(
                    new Report.Sheet(
                            "Requests over %d connections; milliseconds".formatted(CONNECTIONS),
                            List.of("WHO", "BYTES", "PER SECOND", "P50", "P99"),
                            List.of(
                                    row("etcd's gateway", get.etcd()),
                                    row("network", get.ours()))));
            goals.add(
                    new Report.Goal(
                            "get one ÷ etcd's gateway",
                            Spread.of(
                                    DoubleStream.of(
                                            get.ours().perSecond() / get.etcd().perSecond())),
                            false,
                            3));
        } else {
            lab.progress().say("Leaving out etcd: etcd-server is not installed.");
        }
        return new Report("peers", sheets, goals, raw);
    }

    private static Change change(Lab lab) throws InterruptedException {
        int ports = lab.options().quick() ? 2_000 : 25_000;
        lab.progress().say("OVN, %,d ports …".formatted(ports));
        Spread theirs;
        try (var ovn = Ovn.start(lab.folder("ovn"))) {
            ovn.createPorts(ports);
            var millis = DoubleStream.builder();
            for (int i = 1; i <= ADDED; i++) {
                millis.add(ovn.addPort(ports + i));
            }
            theirs = Spread.of(millis.build());
        }
        lab.progress().say("  %s ms".formatted(theirs.full(1)));
        lab.createNetworks();
        var ours = relabel(lab, ports);
        lab.progress().say("  ours %s ms".formatted(tenths(ours.state().p50())));
        return new Change(ports, theirs, ours);
    }

    private static Measurement relabel(Lab lab, int count) {
        int turns = RoutedInterfaces.IN_TURN;
        int networks = 1 + count / RoutedInterfaces.PER_NETWORK;
        var interfaces = lab.service("interface", "network-interface");
        var balancers = lab.service("loadbalancer", "load-balancer");
        interfaces.start();
        balancers.start();
        try {
            interfaces.awaitReady();
            balancers.awaitReady();
            try (var routed = lab.driver(interfaces, ROUTING, RoutedInterfaces.SPREAD, "", count);
                    var choosing = lab.driver(balancers, BalancerCommands.CHOOSING, "", 0)) {
                lab.create(choosing, 0, networks * BalancerCommands.PER_NETWORK);
                lab.create(routed, 0, count);
                routed.run(Job.inTurn(RATE, count - turns, turns, WARM_UP_ROUNDS));
                return routed.run(Job.inTurn(RATE, count - turns, turns, ROUNDS));
            }
        } finally {
            balancers.stop();
            interfaces.stop();
        }
    }

    private static Get get(Lab lab) throws InterruptedException {
        int seconds = lab.options().quick() ? 6 : 20;
        lab.progress().say("get one …");
        var network = lab.service("network", "network");
        network.start();
        Outcome ours;
        try {
            network.awaitReady();
            String prefix = lab.nextId();
            try (var driver = lab.driver(network, "network", prefix, RESOURCES)) {
                lab.create(driver, 0, RESOURCES);
            }
            String path = QueryBenchmark.API + "/" + prefix + "net-%d";
            var plan = new Plan(network.port(), path, RESOURCES, CONNECTIONS, seconds);
            HttpDriver.ask(lab, plan);
            ours = HttpDriver.ask(lab, plan);
        } finally {
            network.stop();
        }
        try (var etcd = Etcd.start(lab.folder("etcd"))) {
            etcd.fill(RESOURCES, (int) ours.bytes());
            var plan = etcd.get(RESOURCES, CONNECTIONS, seconds);
            HttpDriver.ask(lab, plan);
            return new Get(HttpDriver.ask(lab, plan), ours);
        }
    }

    private static List<String> row(String who, Outcome outcome) {
        return List.of(
                who,
                String.format(Locale.ROOT, "%,d", outcome.bytes()),
                String.format(Locale.ROOT, "%,.0f", outcome.perSecond()),
                String.format(Locale.ROOT, "%.2f", outcome.latency().p50()),
                String.format(Locale.ROOT, "%.2f", outcome.latency().p99()));
    }

    private static String tenths(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
