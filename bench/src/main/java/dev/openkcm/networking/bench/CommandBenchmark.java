package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.Format;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Latency;
import dev.openkcm.networking.bench.load.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * From a command on its topic to its result and to the state that follows, at several rates, from a
 * backlog, in a burst, and alone.
 */
final class CommandBenchmark implements Benchmark {

    private static final String DRAIN = "drain";
    private static final String STEADY = "1000/s";
    private static final String ALONE = "alone";
    private static final String MIXED = "mixed";
    private static final String LONG = "10min";
    private static final String BURST = "burst";

    /** At twice the rate at the knee. */
    private static final String BEYOND = "beyond";

    private static final int RESOURCES = 100_000;

    private static final int WARM_UP_SECONDS = 30;
    private static final int WARM_UP_RATE = 2_000;

    /** More is not waited for: some method or other is always compiled once more. */
    private static final int MORE_SECONDS = 300;

    private static final int SLICE_SECONDS = 10;

    /** Of a core, for the compilers of broker, driver and leg together. */
    private static final double QUIET = 0.03;

    /** So many slices in a row: compilers come in waves. */
    private static final int QUIET_SLICES = 3;

    /** Of all services together; what is beyond the knee is left out. */
    private static final List<Integer> MIXED_RATES = List.of(100, 250, 500, 1_000);

    private static final int MIXED_WARM_UP_RATE = 250;

    /**
     * One load.
     *
     * @param counted whether CPU per command is told; with few commands it is mostly idling
     */
    private record Load(String name, Job job, boolean counted) {}

    /**
     * One leg under one load.
     *
     * @param round it is judged by the limits before and after it
     */
    record Figure(
            String leg,
            String load,
            int round,
            Measurement measured,
            double serviceMicros,
            double brokerMicros,
            double driverMicros,
            double systemLoad) {

        double totalMicros() {
            return serviceMicros + brokerMicros + driverMicros;
        }
    }

    @Override
    public String name() {
        return "command";
    }

    @Override
    public Report run(Lab lab) {
        var figures = new ArrayList<Figure>();
        var services = Lab.entities(lab.services());
        int rounds = lab.options().repeats(1, 3);
        if (services.stream().anyMatch(leg -> leg.entity().equals("network-interface"))) {
            lab.createNetworks();
        }
        String entity = services.isEmpty() ? "network" : services.getLast().entity();
        for (var level : List.of(Level.L0, Level.L1, Level.L3)) {
            if (!lab.options().baselines().contains(level.name())) {
                continue;
            }
            leg(lab, new BaselineLeg(lab, level, lab.nextId() + level), entity, 0, figures);
        }
        for (int round = 0; round < rounds; round++) {
            limit(lab, entity, round, figures);
            for (var service : services) {
                leg(lab, service, service.entity(), round, figures);
            }
            mixed(lab, round, figures);
        }
        limit(lab, entity, rounds, figures);
        return report(figures, services);
    }

    private static void limit(Lab lab, String entity, int round, List<Figure> figures) {
        if (lab.options().baselines().contains(Level.L2.name())) {
            leg(lab, new BaselineLeg(lab, Level.L2, lab.nextId() + "L2"), entity, round, figures);
        }
    }

    /** All services at once, each with its share of the commands. */
    private static void mixed(Lab lab, int round, List<Figure> figures) {
        var services = lab.services();
        if (services.size() < 2 || !lab.options().wantsLoad(MIXED)) {
            return;
        }
        lab.progress().say("all together, round %d".formatted(round + 1));
        var drivers = new ArrayList<DriverProcess>();
        services.forEach(ServiceLeg::start);
        try {
            for (var service : services) {
                service.awaitReady();
                lab.prepare(service);
                drivers.add(lab.driver(service, service.entity(), lab.nextId(), RESOURCES));
            }
            warmUp(lab, services, drivers, MIXED_WARM_UP_RATE, MIXED_WARM_UP_RATE);
            for (int rate : MIXED_RATES) {
                if (!mixed(lab, rate, round, services, drivers, figures)) {
                    return;
                }
            }
        } finally {
            drivers.forEach(DriverProcess::close);
            services.forEach(ServiceLeg::stop);
        }
    }

    /** Returns whether every service kept up with its share. */
    private static boolean mixed(
            Lab lab,
            int rate,
            int round,
            List<ServiceLeg> services,
            List<DriverProcess> drivers,
            List<Figure> figures) {
        int share = rate / services.size();
        var load = rated(rate + "/s", share, share * (lab.options().quick() ? 10 : 60));
        var before = services.stream().map(leg -> ProcessUse.cpuMicros(leg.pid())).toList();
        drivers.forEach(driver -> driver.tell(load.job()));
        boolean kept = true;
        for (int i = 0; i < services.size(); i++) {
            var leg = services.get(i);
            var measured = drivers.get(i).answer();
            var figure =
                    new Figure(
                            MIXED + ", " + leg.name(),
                            load.name(),
                            round,
                            measured,
                            (double) (ProcessUse.cpuMicros(leg.pid()) - before.get(i))
                                    / measured.answered(),
                            Double.NaN,
                            Double.NaN,
                            Machine.loadAverage());
            figures.add(figure);
            lab.progress().say(String.format(Locale.ROOT, "  %-12s%s", leg.name(), told(figure)));
            kept &= measured.perSecond() >= 0.8 * share;
        }
        return kept;
    }

    private static List<Load> loads(boolean quick) {
        int scale = quick ? 1 : 4;
        var loads = new ArrayList<Load>();
        loads.add(rated(ALONE, 2, 20 * scale));
        loads.add(rated("100/s", 100, 500 * scale));
        loads.add(rated(STEADY, 1_000, 10_000 * (quick ? 1 : 6)));
        if (!quick) {
            loads.add(rated(LONG, 1_000, 600_000));
        }
        loads.add(new Load("1000/s JSON", Job.rated(Format.JSON, 1_000, 6_000 * scale), true));
        loads.add(rated("5000/s", 5_000, 25_000 * scale));
        loads.add(rated("10000/s", 10_000, 200_000 * scale));
        if (!quick) {
            loads.add(rated("20000/s", 20_000, 400_000));
            loads.add(rated("40000/s", 40_000, 800_000));
        }
        loads.add(rated(BURST, 100_000, 10_000));
        return loads;
    }

    private static Load rated(String name, double rate, int count) {
        return new Load(name, Job.rated(Format.AVRO, rate, count), rate >= 1_000);
    }

    private static void leg(Lab lab, Leg leg, String entity, int round, List<Figure> figures) {
        boolean quick = lab.options().quick();
        var loads = loads(quick).stream().filter(load -> wanted(lab, leg, load.name())).toList();
        if (loads.isEmpty() && !lab.options().wantsLoad(DRAIN)) {
            return;
        }
        lab.progress()
                .say(
                        String.format(
                                Locale.ROOT,
                                "%s, round %d (load %.2f)",
                                leg.name(),
                                round + 1,
                                Machine.loadAverage()));
        leg.start();
        leg.awaitReady();
        lab.prepare(leg);
        int drained = quick ? 300_000 : 1_000_000;
        try (var driver = lab.driver(leg, entity, lab.nextId(), RESOURCES)) {
            warmUp(lab, List.of(leg), List.of(driver), WARM_UP_RATE, 1_000);
            double knee = Double.MAX_VALUE;
            for (var load : loads) {
                if (load.job().rate() > knee && !load.name().equals(BURST)) {
                    continue;
                }
                boolean profiled = load.name().equals(STEADY) && leg instanceof ServiceLeg;
                if (profiled) {
                    lab.beginProfile(leg.pid());
                }
                var figure = measure(lab, leg, driver, load, round);
                if (profiled) {
                    lab.endProfile(leg.pid(), leg.name() + "-steady-" + round);
                }
                figures.add(figure);
                lab.progress().say(told(figure));
                if (figure.measured().perSecond() < 0.8 * load.job().rate() && load.counted()) {
                    knee = load.job().rate();
                }
            }
            if (knee < Double.MAX_VALUE && lab.options().wantsLoad(BEYOND)) {
                beyond(lab, leg, driver, round, figures);
            }
            if (!lab.options().wantsLoad(DRAIN)) {
                return;
            }
            leg.stop();
            driver.run(Job.preload(drained));
            leg.start();
            if (leg instanceof ServiceLeg) {
                lab.beginProfile(leg.pid());
            }
            var figure = measure(lab, leg, driver, new Load(DRAIN, Job.collect(), true), round);
            if (leg instanceof ServiceLeg) {
                lab.endProfile(leg.pid(), leg.name() + "-drain-" + round);
            }
            figures.add(figure);
            lab.progress().say(told(figure));
        } finally {
            leg.stop();
        }
    }

    /** Twice as much as was the most until now: what is worked off must not become less. */
    private static void beyond(
            Lab lab, Leg leg, DriverProcess driver, int round, List<Figure> figures) {
        int rate = (int) (2 * knee(figures, leg.name(), round));
        int seconds = lab.options().quick() ? 10 : 30;
        var figure = measure(lab, leg, driver, rated(BEYOND, rate, rate * seconds), round);
        figures.add(figure);
        lab.progress().say(told(figure));
    }

    /** The most answers a second that a leg gave at any rate; of use once it was less than that. */
    private static double knee(List<Figure> figures, String leg, int round) {
        return figures.stream()
                .filter(f -> f.leg().equals(leg) && f.round() == round)
                .filter(f -> !List.of(DRAIN, BURST, BEYOND).contains(f.load()))
                .mapToDouble(f -> f.measured().perSecond())
                .max()
                .orElse(Double.NaN);
    }

    /** What is measured with all services at once has the limit at the same rate beside it. */
    private static boolean wanted(Lab lab, Leg leg, String load) {
        return lab.options().wantsLoad(load)
                || (MIXED_RATES.stream().anyMatch(rate -> load.equals(rate + "/s"))
                        && leg instanceof BaselineLeg
                        && lab.options().wantsLoad(MIXED));
    }

    /**
     * First at one rate, and then at that which is measured until the optimising compilers are
     * done: on two cores they can take half of one for minutes, which is then missing.
     *
     * @param drivers each has an equal share of the commands
     */
    private static void warmUp(
            Lab lab,
            List<? extends Leg> legs,
            List<DriverProcess> drivers,
            int firstRate,
            int rate) {
        runAll(drivers, firstRate, WARM_UP_SECONDS);
        var pids = new ArrayList<Long>();
        legs.forEach(leg -> pids.add(leg.pid()));
        drivers.forEach(driver -> pids.add(driver.pid()));
        pids.add(lab.brokerPid());
        int quiet = 0;
        for (int seconds = 0; seconds < MORE_SECONDS; seconds += SLICE_SECONDS) {
            long before = pids.stream().mapToLong(ProcessUse::compilerMicros).sum();
            runAll(drivers, rate, SLICE_SECONDS);
            long took = pids.stream().mapToLong(ProcessUse::compilerMicros).sum() - before;
            lab.progress()
                    .say(
                            String.format(
                                    Locale.ROOT,
                                    "  %-12s compilers take %.2f of a core",
                                    "warm-up",
                                    took / (SLICE_SECONDS * 1e6)));
            quiet = took < QUIET * SLICE_SECONDS * 1e6 ? quiet + 1 : 0;
            if (quiet == QUIET_SLICES) {
                return;
            }
        }
    }

    private static void runAll(List<DriverProcess> drivers, int perSecond, int seconds) {
        int share = perSecond / drivers.size();
        var job = Job.rated(Format.AVRO, share, share * seconds);
        drivers.forEach(driver -> driver.tell(job));
        drivers.forEach(DriverProcess::answer);
    }

    private static Figure measure(Lab lab, Leg leg, DriverProcess driver, Load load, int round) {
        double systemLoad = Machine.loadAverage();
        long service = ProcessUse.cpuMicros(leg.pid());
        long broker = ProcessUse.cpuMicros(lab.brokerPid());
        long client = ProcessUse.cpuMicros(driver.pid());
        var measured = driver.run(load.job());
        double commands = load.counted() ? measured.answered() : Double.NaN;
        return new Figure(
                leg.name(),
                load.name(),
                round,
                measured,
                (ProcessUse.cpuMicros(leg.pid()) - service) / commands,
                (ProcessUse.cpuMicros(lab.brokerPid()) - broker) / commands,
                (ProcessUse.cpuMicros(driver.pid()) - client) / commands,
                systemLoad);
    }

    private static String told(Figure figure) {
        var measured = figure.measured();
        String wrong =
                measured.wrong() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %d without answer, %d answered twice, %d not sent",
                                measured.missing(),
                                measured.doubled(),
                                measured.failed());
        return figure.load().equals(DRAIN)
                ? String.format(
                        Locale.ROOT, "  %-12s %,.0f/s%s", DRAIN, measured.perSecond(), wrong)
                : String.format(
                        Locale.ROOT,
                        "  %-12s p50 %.1f  p99 %.1f  max %.1f ms, %,.0f/s%s",
                        figure.load(),
                        measured.result().p50(),
                        measured.result().p99(),
                        measured.result().max(),
                        measured.perSecond(),
                        wrong);
    }

    private static Report report(List<Figure> figures, List<ServiceLeg> services) {
        var sheets = new ArrayList<Report.Sheet>();
        var loads = new LinkedHashSet<String>();
        var legs = new LinkedHashSet<String>();
        figures.forEach(figure -> {
            loads.add(figure.load());
            legs.add(figure.leg());
        });
        loads.remove(DRAIN);
        var rows = new ArrayList<List<String>>();
        for (String load : loads) {
            for (String leg : legs) {
                row(figures, leg, load).ifPresent(rows::add);
            }
        }
        sheets.add(
                new Report.Sheet(
                        "Milliseconds from the intended sending to the committed result, to the"
                                + " first state, and to the last state of those commands with"
                                + " more than one; CPU in µs per command",
                        List.of(
                                "LEG",
                                "LOAD",
                                "P50",
                                "P90",
                                "P99",
                                "P99.9",
                                "MAX",
                                "PER SECOND",
                                "STATE P50",
                                "P99",
                                "SETTLED P50",
                                "P99",
                                "CPU SERVICE",
                                "BROKER",
                                "DRIVER",
                                "P50 ÷ L2",
                                "P99 ÷ L2"),
                        rows));
        var drains = new ArrayList<List<String>>();
        for (String leg : legs) {
            if (!spread(figures, leg, DRAIN, f -> f.measured().answered()).known()) {
                continue;
            }
            drains.add(
                    List.of(
                            leg,
                            spread(figures, leg, DRAIN, f -> f.measured().answered()).text(0),
                            spread(figures, leg, DRAIN, f -> f.measured().perSecond()).full(0),
                            spread(figures, leg, DRAIN, f -> f.measured().settledPerSecond())
                                    .full(0),
                            spread(figures, leg, DRAIN, Figure::serviceMicros).text(0),
                            spread(figures, leg, DRAIN, Figure::brokerMicros).text(0),
                            ratio(figures, leg, DRAIN, f -> f.measured().perSecond()).full(2),
                            ratio(figures, leg, DRAIN, f -> f.measured().settledPerSecond())
                                    .full(2)));
        }
        sheets.add(
                new Report.Sheet(
                        "Drain of a backlog, from the first to the last committed result",
                        List.of(
                                "LEG",
                                "RECORDS",
                                "PER SECOND",
                                "SECOND HALF",
                                "CPU SERVICE",
                                "BROKER",
                                "÷ L2",
                                "SECOND HALF ÷ L2"),
                        drains));
        return new Report("command", sheets, goals(figures, services), figures);
    }

    private static Optional<List<String>> row(List<Figure> figures, String leg, String load) {
        var p50 = spread(figures, leg, load, f -> f.measured().result().p50());
        if (!p50.known()) {
            return Optional.empty();
        }
        return Optional.of(
                List.of(
                        leg,
                        load,
                        p50.text(1),
                        spread(figures, leg, load, f -> f.measured().result().p90()).text(1),
                        spread(figures, leg, load, f -> f.measured().result().p99()).text(1),
                        spread(figures, leg, load, f -> f.measured().result().p999()).text(1),
                        spread(figures, leg, load, f -> f.measured().result().max()).text(1),
                        spread(figures, leg, load, f -> f.measured().perSecond()).text(0),
                        some(figures, leg, load, Measurement::state, Latency::p50).text(1),
                        some(figures, leg, load, Measurement::state, Latency::p99).text(1),
                        some(figures, leg, load, Measurement::settled, Latency::p50).text(1),
                        some(figures, leg, load, Measurement::settled, Latency::p99).text(1),
                        spread(figures, leg, load, Figure::serviceMicros).text(0),
                        spread(figures, leg, load, Figure::brokerMicros).text(0),
                        spread(figures, leg, load, Figure::driverMicros).text(0),
                        ratio(figures, leg, load, f -> f.measured().result().p50()).full(2),
                        ratio(figures, leg, load, f -> f.measured().result().p99()).full(2)));
    }

    private static List<Report.Goal> goals(List<Figure> figures, List<ServiceLeg> services) {
        var goals = new ArrayList<Report.Goal>();
        double unanswered =
                figures.stream()
                        .filter(f -> f.leg().startsWith(MIXED))
                        .mapToDouble(f -> f.measured().missing() + f.measured().doubled())
                        .sum();
        goals.add(
                new Report.Goal(
                        "mixed: commands without an answer, or with two",
                        Spread.of(DoubleStream.of(unanswered)),
                        true,
                        0));
        for (var service : services) {
            String leg = service.name();
            goals.add(
                    new Report.Goal(
                            leg + ": p50 at 1,000/s ÷ L2",
                            ratio(figures, leg, STEADY, f -> f.measured().result().p50()),
                            true,
                            1.2));
            goals.add(
                    new Report.Goal(
                            leg + ": p99 at 1,000/s ÷ L2",
                            ratio(figures, leg, STEADY, f -> f.measured().result().p99()),
                            true,
                            1.5));
            goals.add(
                    new Report.Goal(
                            leg + ": drain ÷ L2",
                            ratio(figures, leg, DRAIN, f -> f.measured().perSecond()),
                            false,
                            0.35));
            goals.add(
                    new Report.Goal(
                            leg + ": longest in 10 min at 1,000/s, ms",
                            spread(figures, leg, LONG, f -> f.measured().result().max()),
                            true,
                            150));
            goals.add(
                    new Report.Goal(
                            leg + ": answers a second at twice the knee ÷ at the knee",
                            spread(
                                    figures,
                                    leg,
                                    BEYOND,
                                    f -> f.measured().perSecond() / knee(figures, leg, f.round())),
                            false,
                            0.95));
            goals.add(
                    new Report.Goal(
                            leg + ": a lone command, p50 in ms",
                            spread(figures, leg, ALONE, f -> f.measured().result().p50()),
                            true,
                            5));
            goals.add(
                    new Report.Goal(
                            leg + ": µs CPU a command in a drain, all processes",
                            spread(figures, leg, DRAIN, Figure::totalMicros),
                            true,
                            30));
            goals.add(
                    new Report.Goal(
                            leg + ": commands without an answer, or with two",
                            Spread.of(
                                    DoubleStream.of(
                                            figures.stream()
                                                    .filter(f -> f.leg().equals(leg))
                                                    .mapToDouble(f ->
                                                            f.measured().missing()
                                                                    + f.measured().doubled())
                                                    .sum())),
                            true,
                            0));
        }
        return goals;
    }

    private static Spread some(
            List<Figure> figures,
            String leg,
            String load,
            Function<Measurement, Latency> which,
            ToDoubleFunction<Latency> value) {
        return spread(
                figures,
                leg,
                load,
                f -> {
                    var latency = which.apply(f.measured());
                    return latency.count() == 0 ? Double.NaN : value.applyAsDouble(latency);
                });
    }

    private static Spread spread(
            List<Figure> figures, String leg, String load, ToDoubleFunction<Figure> value) {
        return Spread.of(
                figures.stream()
                        .filter(f -> f.leg().equals(leg) && f.load().equals(load))
                        .mapToDouble(value));
    }

    /** Each repeat against the mean of the limits before and after it. */
    private static Spread ratio(
            List<Figure> figures, String leg, String load, ToDoubleFunction<Figure> value) {
        return Spread.of(
                figures.stream()
                        .filter(f -> f.leg().equals(leg) && f.load().equals(load))
                        .mapToDouble(f ->
                                value.applyAsDouble(f) / limit(figures, f.round(), load, value)));
    }

    private static double limit(
            List<Figure> figures, int round, String load, ToDoubleFunction<Figure> value) {
        return figures.stream()
                .filter(f -> f.leg().equals("L2") && f.load().equals(load))
                .filter(f -> f.round() == round || f.round() == round + 1)
                .mapToDouble(value)
                .average()
                .orElse(Double.NaN);
    }
}
