package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.Format;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** How long nothing comes out when a program ends under load and is started again at once. */
final class RestartBenchmark implements Benchmark {

    private static final int RATE = 1_000;
    private static final int RESOURCES = 20_000;

    /** How a program ends. */
    enum End {
        KILLED("kill -9, state kept"),
        KILLED_AND_WIPED("kill -9, state wiped"),
        STOPPED("stopped in order");

        private final String title;

        End(String title) {
            this.title = title;
        }
    }

    /**
     * One end.
     *
     * @param gapMillis between the last committed answer before it and the first after it
     */
    record Figure(String leg, String end, int round, double gapMillis, int missing, int doubled) {}

    @Override
    public String name() {
        return "restart";
    }

    @Override
    public Report run(Lab lab) throws InterruptedException {
        var figures = new ArrayList<Figure>();
        var services = lab.services();
        if (services.stream().anyMatch(leg -> leg.entity().equals("network-interface"))) {
            lab.createNetworks();
        }
        leg(lab, new BaselineLeg(lab, Level.L2, lab.nextId() + "L2"), "network", figures);
        for (var service : services) {
            leg(lab, service, service.entity(), figures);
        }
        return report(figures, services);
    }

    private static void leg(Lab lab, Leg leg, String entity, List<Figure> figures)
            throws InterruptedException {
        boolean quick = lab.options().quick();
        int repeats = lab.options().repeats(3, 10);
        int seconds = quick ? 12 : 20;
        leg.start();
        leg.awaitReady();
        try (var driver = lab.driver(leg, entity, lab.nextId(), RESOURCES)) {
            driver.run(Job.rated(Format.AVRO, RATE, RATE * (quick ? 8 : 20)));
            for (int round = 0; round < repeats; round++) {
                for (var end : End.values()) {
                    driver.tell(Job.rated(Format.AVRO, RATE, RATE * seconds));
                    Thread.sleep(3_000);
                    long at = System.currentTimeMillis();
                    end(leg, end);
                    leg.start();
                    var measured = driver.answer();
                    leg.awaitReady();
                    var figure =
                            new Figure(
                                    leg.name(),
                                    end.title,
                                    round,
                                    gap(measured, at),
                                    measured.missing(),
                                    measured.doubled());
                    figures.add(figure);
                    lab.progress()
                            .say(
                                    String.format(
                                            Locale.ROOT,
                                            "%s, %s: %.0f ms (%d without answer, %d answered twice)",
                                            figure.leg(),
                                            figure.end(),
                                            figure.gapMillis(),
                                            figure.missing(),
                                            figure.doubled()));
                }
            }
        } finally {
            leg.stop();
        }
    }

    private static void end(Leg leg, End how) {
        switch (how) {
            case KILLED -> leg.kill();
            case KILLED_AND_WIPED -> {
                leg.kill();
                leg.wipe();
            }
            case STOPPED -> leg.stop();
        }
    }

    /** The longest silence after the end. */
    private static double gap(Measurement measured, long at) {
        return measured.silences().stream()
                .filter(silence -> silence.fromMillis() + silence.millis() > at)
                .mapToDouble(Measurement.Silence::millis)
                .max()
                .orElse(Double.NaN);
    }

    private static Report report(List<Figure> figures, List<ServiceLeg> services) {
        var legs = new LinkedHashSet<String>();
        figures.forEach(figure -> legs.add(figure.leg()));
        var rows = new ArrayList<List<String>>();
        for (var end : End.values()) {
            double limit = spread(figures, "L2", end).median();
            for (String leg : legs) {
                var gaps = spread(figures, leg, end);
                rows.add(
                        List.of(
                                leg,
                                end.title,
                                Integer.toString(gaps.count()),
                                gaps.text(0),
                                String.format(Locale.ROOT, "%,.0f", gaps.min()),
                                String.format(Locale.ROOT, "%,.0f", gaps.max()),
                                String.format(Locale.ROOT, "%.2f", gaps.median() / limit)));
            }
        }
        var goals = new ArrayList<Report.Goal>();
        for (var service : services) {
            String leg = service.name();
            goals.add(goal(figures, leg, End.KILLED, 2_200));
            var wiped = spread(figures, leg, End.KILLED_AND_WIPED);
            goals.add(
                    new Report.Goal(
                            leg + ": longest ms without output, " + End.KILLED_AND_WIPED.title,
                            Spread.of(DoubleStream.of(wiped.max())),
                            true,
                            4_000));
            goals.add(goal(figures, leg, End.STOPPED, 1_500));
            goals.add(
                    new Report.Goal(
                            leg + ": commands without an answer, or with two",
                            Spread.of(
                                    DoubleStream.of(
                                            figures.stream()
                                                    .filter(f -> f.leg().equals(leg))
                                                    .mapToDouble(f -> f.missing() + f.doubled())
                                                    .sum())),
                            true,
                            0));
        }
        return new Report(
                "restart",
                List.of(
                        new Report.Sheet(
                                "Milliseconds without a committed result at 1,000 commands a"
                                        + " second, restarted at once",
                                List.of("LEG", "END", "TIMES", "MEDIAN", "MIN", "MAX", "÷ L2"),
                                rows)),
                goals,
                figures);
    }

    private static Report.Goal goal(List<Figure> figures, String leg, End end, double limit) {
        return new Report.Goal(
                leg + ": ms without output, " + end.title, spread(figures, leg, end), true, limit);
    }

    private static Spread spread(List<Figure> figures, String leg, End end) {
        DoubleStream gaps =
                figures.stream()
                        .filter(f -> f.leg().equals(leg) && f.end().equals(end.title))
                        .mapToDouble(Figure::gapMillis);
        return Spread.of(gaps);
    }
}
