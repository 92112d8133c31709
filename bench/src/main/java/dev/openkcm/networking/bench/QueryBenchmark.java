package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.ConstantBody;
import dev.openkcm.networking.bench.load.BalancerCommands;
import dev.openkcm.networking.bench.load.Format;
import dev.openkcm.networking.bench.load.HttpLoad.Outcome;
import dev.openkcm.networking.bench.load.HttpLoad.Plan;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Latency;
import dev.openkcm.networking.bench.load.ReadBack;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import dev.openkcm.networking.deploy.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Documents and lists over REST, with and without commands coming in at the same time, documents
 * that were changed just now, and the document of a balancer with very many destinations.
 */
final class QueryBenchmark implements Benchmark {

    static final String API = "/apis/networking.openkcm.dev/v1alpha1/namespaces/bench/networks";
    private static final int RESOURCES = 10_000;
    private static final int CONNECTIONS = 8;
    private static final int RATE = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String CONSTANT = "constant bytes";
    private static final int DESTINATIONS = 10_000;
    private static final String ROUTING = "openkcm.load-balancer.routing.v1";
    private static final String DOCUMENT =
            "/apis/networking.openkcm.dev/v1alpha1/namespaces/bench/loadbalancerroutings/choosing-balancer-0";
    private static final String MANY = "10,000 destinations, alone";
    private static final String ONE = "get one";
    private static final String ONE_WRITING = "get one, 1,000 commands/s";
    private static final String CHANGED = "get one that was changed just now, by its version";
    private static final String AGAIN = "the same again, without a version";

    /** A commit interval and 3 ms. */
    private static final double READ_BACK_MILLIS = 13;

    /** One sort of request, once. */
    record Figure(String leg, String what, int round, Outcome outcome, double serverMicros) {}

    @Override
    public String name() {
        return "query";
    }

    @Override
    public Report run(Lab lab) throws InterruptedException {
        var figures = new ArrayList<Figure>();
        for (var service : lab.services()) {
            if (service.name().equals("network")) {
                measure(lab, service, figures);
            }
        }
        if (lab.options().wants("loadbalancer")) {
            routing(lab, figures);
        }
        return report(figures);
    }

    /** A balancer of one Network that everybody is in, asked for over one connection. */
    private static void routing(Lab lab, List<Figure> figures) {
        int crowd = DESTINATIONS + RoutedInterfaces.IN_TURN;
        lab.createNetworks();
        var interfaces = lab.service("interface", "network-interface");
        var balancers = lab.service("loadbalancer", "load-balancer");
        interfaces.start();
        balancers.start();
        try {
            interfaces.awaitReady();
            balancers.awaitReady();
            try (var choosing = lab.driver(balancers, BalancerCommands.CHOOSING, "", 0);
                    var nics =
                            lab.driver(interfaces, ROUTING, RoutedInterfaces.CROWDED, "", crowd)) {
                lab.create(choosing, 0, 1);
                lab.create(nics, 0, crowd);
                // Rows come in the order of commands: with the last, all are there.
                nics.run(Job.inTurn(RATE, 0, RoutedInterfaces.IN_TURN, 1));
            }
            var plan = new Plan(balancers.port(), DOCUMENT, 1, 1, 5);
            HttpDriver.ask(lab, plan);
            figures.add(figure(lab, balancers.name(), MANY, plan, balancers.pid(), 0));
        } finally {
            balancers.stop();
            interfaces.stop();
        }
    }

    private static void measure(Lab lab, ServiceLeg service, List<Figure> figures)
            throws InterruptedException {
        int seconds = lab.options().quick() ? 6 : 20;
        int rounds = lab.options().repeats(1, 5);
        String prefix = lab.nextId();
        String one = API + "/" + prefix + "net-%d";
        service.start();
        service.awaitReady();
        try (var driver = lab.driver(service, "network", prefix, RESOURCES);
                var writer = lab.driver(service, "network", lab.nextId(), RESOURCES)) {
            driver.run(Job.createAll(RESOURCES));
            var warm =
                    HttpDriver.ask(
                            lab, new Plan(service.port(), one, RESOURCES, CONNECTIONS, seconds));
            int length = (int) warm.bytes();
            for (int round = 0; round < rounds; round++) {
                figures.add(constant(lab, length, seconds, round));
                figures.add(query(lab, service, ONE, one, seconds, round));
                figures.add(query(lab, service, "list of 100", API + "?limit=100", seconds, round));
                writer.tell(Job.rated(Format.AVRO, RATE, RATE * (seconds + 4)));
                figures.add(query(lab, service, ONE_WRITING, one, seconds, round));
                writer.answer();
                readBack(lab, service, prefix, one, round, figures);
            }
            figures.add(constant(lab, length, seconds, rounds));
        } finally {
            service.stop();
        }
    }

    private static void readBack(
            Lab lab,
            ServiceLeg service,
            String prefix,
            String path,
            int round,
            List<Figure> figures) {
        int times = lab.options().quick() ? 300 : 1_000;
        var assignment =
                lab.assignment(service, null, "network", prefix, RESOURCES, 1_000L + round);
        var outcome =
                HttpDriver.readBack(
                        lab, new ReadBack.Plan(assignment, service.port(), path, times));
        for (var figure :
                List.of(
                        waited(service, CHANGED, round, outcome, outcome.byVersion()),
                        waited(service, AGAIN, round, outcome, outcome.again()))) {
            figures.add(figure);
            say(lab, figure);
        }
    }

    /** How many a second there could be says nothing: a change comes before each. */
    private static Figure waited(
            ServiceLeg service, String what, int round, ReadBack.Outcome read, Latency latency) {
        var outcome =
                new Outcome(latency.count(), read.failures(), Double.NaN, read.bytes(), latency);
        return new Figure(service.name(), what, round, outcome, Double.NaN);
    }

    private static Figure query(
            Lab lab, ServiceLeg service, String what, String path, int seconds, int round) {
        var plan = new Plan(service.port(), path, RESOURCES, CONNECTIONS, seconds);
        return figure(lab, service.name(), what, plan, service.pid(), round);
    }

    private static Figure constant(Lab lab, int length, int seconds, int round)
            throws InterruptedException {
        int port = Ports.free(1).getFirst();
        var server =
                Child.leashed(
                        lab.folder("constant").resolve("constant.log"),
                        ConstantBody.class,
                        List.of(Integer.toString(port), Integer.toString(length)));
        try {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!Ports.taken(port) && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
            HttpDriver.ask(lab, new Plan(port, "/", 1, CONNECTIONS, 3));
            var plan = new Plan(port, "/", 1, CONNECTIONS, seconds);
            return figure(lab, CONSTANT, ONE, plan, server.pid(), round);
        } finally {
            Child.stop(server);
        }
    }

    private static Figure figure(Lab lab, String leg, String what, Plan plan, long pid, int round) {
        long before = ProcessUse.cpuMicros(pid);
        var outcome = HttpDriver.ask(lab, plan);
        double micros = (double) (ProcessUse.cpuMicros(pid) - before) / outcome.requests();
        var figure = new Figure(leg, what, round, outcome, micros);
        say(lab, figure);
        return figure;
    }

    private static void say(Lab lab, Figure figure) {
        var outcome = figure.outcome();
        String wrong =
                outcome.failures() == 0 ? "" : ", " + outcome.failures() + " not answered with 200";
        lab.progress()
                .say(
                        String.format(
                                Locale.ROOT,
                                "  %-35s %sp50 %.2f  p99 %.2f ms%s",
                                figure.leg() + ", " + figure.what(),
                                Double.isFinite(outcome.perSecond())
                                        ? "%,.0f/s  ".formatted(outcome.perSecond())
                                        : "",
                                outcome.latency().p50(),
                                outcome.latency().p99(),
                                wrong));
    }

    private static Report report(List<Figure> figures) {
        var rows = new ArrayList<List<String>>();
        var kinds = new LinkedHashSet<List<String>>();
        figures.forEach(figure -> kinds.add(List.of(figure.leg(), figure.what())));
        double limit = spread(figures, CONSTANT, ONE, f -> f.outcome().perSecond()).median();
        for (var kind : kinds) {
            String leg = kind.getFirst();
            String what = kind.getLast();
            var rate = spread(figures, leg, what, f -> f.outcome().perSecond());
            rows.add(
                    List.of(
                            leg,
                            what,
                            spread(figures, leg, what, f -> f.outcome().bytes()).text(0),
                            rate.full(0),
                            spread(figures, leg, what, f -> f.outcome().latency().p50()).text(2),
                            spread(figures, leg, what, f -> f.outcome().latency().p99()).text(2),
                            spread(figures, leg, what, Figure::serverMicros).text(0),
                            Spread.of(DoubleStream.of(rate.median() / limit)).text(2)));
        }
        var header =
                List.of(
                        "LEG",
                        "REQUEST",
                        "BYTES",
                        "PER SECOND",
                        "P50",
                        "P99",
                        "CPU SERVER",
                        "÷ CONSTANT");
        String title =
                "Requests over %d connections; milliseconds; CPU in µs a request"
                        .formatted(CONNECTIONS);
        return new Report(
                "query",
                List.of(new Report.Sheet(title, header, rows)),
                goals(figures, limit),
                figures);
    }

    private static List<Report.Goal> goals(List<Figure> figures, double limit) {
        double quiet = spread(figures, "network", ONE, f -> f.outcome().latency().p99()).median();
        ToDoubleFunction<Figure> p50 = f -> f.outcome().latency().p50();
        var failures =
                Spread.of(
                        DoubleStream.of(
                                figures.stream().mapToDouble(f -> f.outcome().failures()).sum()));
        return List.of(
                new Report.Goal(
                        "get one ÷ constant bytes",
                        spread(figures, "network", ONE, f -> f.outcome().perSecond() / limit),
                        false,
                        0.85),
                new Report.Goal(
                        "p99 with 1,000 commands/s ÷ p99 without",
                        spread(
                                figures,
                                "network",
                                ONE_WRITING,
                                f -> f.outcome().latency().p99() / quiet),
                        true,
                        1.5),
                new Report.Goal(
                        "by the version of the last change, p50 in ms more than without",
                        Spread.of(
                                DoubleStream.of(
                                        spread(figures, "network", CHANGED, p50).median()
                                                - spread(figures, "network", AGAIN, p50).median())),
                        true,
                        READ_BACK_MILLIS),
                new Report.Goal(
                        "document of 10,000 destinations, p50 in ms",
                        spread(figures, "loadbalancer", MANY, f -> f.outcome().latency().p50()),
                        true,
                        6),
                new Report.Goal("requests not answered with 200", failures, true, 0));
    }

    private static Spread spread(
            List<Figure> figures, String leg, String what, ToDoubleFunction<Figure> value) {
        return Spread.of(
                figures.stream()
                        .filter(f -> f.leg().equals(leg) && f.what().equals(what))
                        .mapToDouble(value));
    }
}
