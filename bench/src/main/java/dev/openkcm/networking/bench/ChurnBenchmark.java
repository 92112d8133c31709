package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.load.Format;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What all services together take with many interfaces, and whether anything grows while resources
 * of all kinds come and go.
 */
final class ChurnBenchmark implements Benchmark {

    private static final String BROKER = "broker";
    private static final String INTERFACE = "network-interface";

    /** Of each kind: few, so that each is created and deleted many times. */
    private static final int RESOURCES = 1_000;

    /** Of each kind. */
    private static final int PER_SECOND = 20;

    /** Interfaces whose answers are waited for at a time: five services work for each. */
    private static final int PORTION = 5_000;

    /** A service remembers so many answers; then what it remembers does not grow any more. */
    private static final int REMEMBERED = 20_000;

    /** Of each kind, until that many are remembered. */
    private static final int FILLING_PER_SECOND = 100;

    private static final int SLICES = 20;

    /** The first is warm-up; the last is compared with the second. */
    private static final int QUARTER = SLICES / 4;

    /** All services and the broker, with 100,000 interfaces. */
    private static final double MEBIBYTES = 2_560;

    /** Invariant I8 allows a tenth. */
    private static final double GROWTH = 1.1;

    /**
     * One process.
     *
     * @param resident bytes, after each slice
     * @param heapEarly bytes after a full collection, when a quarter of the time was over; 0 for
     *     the broker
     * @param heapLate the same at the end
     */
    record Figure(
            String process,
            long idle,
            long filled,
            List<Long> resident,
            long heapEarly,
            long heapLate) {

        long early() {
            return median(resident.subList(QUARTER, 2 * QUARTER));
        }

        long late() {
            return median(resident.subList(SLICES - QUARTER, SLICES));
        }

        private static long median(List<Long> some) {
            return Math.round(Spread.of(some.stream().mapToDouble(Long::doubleValue)).median());
        }
    }

    @Override
    public String name() {
        return "churn";
    }

    @Override
    public Report run(Lab lab) throws InterruptedException {
        boolean quick = lab.options().quick();
        int interfaces = quick ? 10_000 : 100_000;
        lab.createNetworks();
        var services = lab.services();
        var drivers = new ArrayList<DriverProcess>();
        services.forEach(ServiceLeg::start);
        try {
            for (var service : services) {
                service.awaitReady();
                lab.prepare(service);
            }
            Thread.sleep(10_000);
            var pids = pids(lab, services);
            var idle = resident(pids);
            fill(lab, services, interfaces);
            var filled = resident(pids);
            for (var leg : Lab.entities(services)) {
                drivers.add(lab.driver(leg, leg.entity(), lab.nextId(), RESOURCES));
            }
            return churn(lab, pids, idle, filled, drivers, quick ? 15 : 180, interfaces);
        } finally {
            drivers.forEach(DriverProcess::close);
            services.forEach(ServiceLeg::stop);
        }
    }

    private static void fill(Lab lab, List<ServiceLeg> services, int interfaces) {
        for (var leg : services) {
            if (leg.entity().equals(INTERFACE)) {
                lab.progress().say("%d interfaces …".formatted(interfaces));
                try (var driver = lab.driver(leg, INTERFACE, lab.nextId(), interfaces)) {
                    for (int first = 0; first < interfaces; first += PORTION) {
                        lab.create(driver, first, Math.min(PORTION, interfaces - first));
                    }
                }
                lab.settle(leg);
            }
        }
    }

    private static Report churn(
            Lab lab,
            Map<String, Long> pids,
            Map<String, Long> idle,
            Map<String, Long> filled,
            List<DriverProcess> drivers,
            int sliceSeconds,
            int interfaces) {
        lab.progress().say("%d commands to each kind …".formatted(REMEMBERED));
        var filling = Job.rated(Format.AVRO, FILLING_PER_SECOND, REMEMBERED);
        drivers.forEach(driver -> driver.tell(filling));
        drivers.forEach(DriverProcess::answer);
        var job = Job.rated(Format.AVRO, PER_SECOND, PER_SECOND * sliceSeconds);
        var samples = new ArrayList<Map<String, Long>>();
        var measured = new ArrayList<Measurement>();
        Map<String, Long> heapEarly = Map.of();
        for (int slice = 0; slice < SLICES; slice++) {
            drivers.forEach(driver -> driver.tell(job));
            drivers.stream().map(DriverProcess::answer).forEach(measured::add);
            samples.add(resident(pids));
            if (slice + 1 == QUARTER) {
                heapEarly = heap(lab, pids);
            }
            lab.progress()
                    .say(
                            String.format(
                                    Locale.ROOT,
                                    "  %2d of %d: %,.0f MiB resident in all",
                                    slice + 1,
                                    SLICES,
                                    total(samples.getLast())));
        }
        var heapLate = heap(lab, pids);
        var figures = new ArrayList<Figure>();
        for (String process : pids.keySet()) {
            figures.add(
                    new Figure(
                            process,
                            idle.getOrDefault(process, 0L),
                            filled.getOrDefault(process, 0L),
                            samples.stream().map(s -> s.getOrDefault(process, 0L)).toList(),
                            heapEarly.getOrDefault(process, 0L),
                            heapLate.getOrDefault(process, 0L)));
        }
        return report(figures, measured, total(filled), interfaces);
    }

    private static Map<String, Long> pids(Lab lab, List<ServiceLeg> services) {
        var pids = new LinkedHashMap<String, Long>();
        services.forEach(service -> pids.put(service.name(), service.pid()));
        pids.put(BROKER, lab.brokerPid());
        return pids;
    }

    private static Map<String, Long> resident(Map<String, Long> pids) {
        var resident = new LinkedHashMap<String, Long>();
        pids.forEach((process, pid) -> resident.put(process, ProcessUse.residentBytes(pid)));
        return resident;
    }

    private static Map<String, Long> heap(Lab lab, Map<String, Long> pids) {
        var heap = new LinkedHashMap<String, Long>();
        pids.forEach((process, pid) -> {
            if (!process.equals(BROKER)) {
                heap.put(process, lab.liveHeapBytes(pid));
            }
        });
        return heap;
    }

    private static double total(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(n -> n).sum() / ProcessUse.MIB;
    }

    private static Report report(
            List<Figure> figures, List<Measurement> measured, double filled, int interfaces) {
        var rows = new ArrayList<List<String>>();
        var goals = new ArrayList<Report.Goal>();
        goals.add(
                Report.Goal.atMost(
                        "MiB of all services and the broker with %,d interfaces"
                                .formatted(interfaces),
                        filled,
                        MEBIBYTES));
        for (var figure : figures) {
            boolean ours = !figure.process().equals(BROKER);
            double resident = (double) figure.late() / figure.early();
            double heap = (double) figure.heapLate() / figure.heapEarly();
            rows.add(
                    List.of(
                            figure.process(),
                            ProcessUse.mebibytes(figure.idle()),
                            ProcessUse.mebibytes(figure.filled()),
                            ProcessUse.mebibytes(figure.early()),
                            ProcessUse.mebibytes(figure.late()),
                            ratio(resident),
                            ours ? ProcessUse.mebibytes(figure.heapEarly()) : "-",
                            ours ? ProcessUse.mebibytes(figure.heapLate()) : "-",
                            ours ? ratio(heap) : "-"));
            if (ours) {
                goals.add(
                        Report.Goal.atMost(
                                figure.process() + ": growth of what is resident",
                                resident,
                                GROWTH));
                goals.add(
                        Report.Goal.atMost(
                                figure.process() + ": growth of the live heap", heap, GROWTH));
            }
        }
        int sent = measured.stream().mapToInt(Measurement::sent).sum();
        goals.add(
                Report.Goal.atMost(
                        "of %,d commands, those without exactly one answer".formatted(sent),
                        measured.stream().mapToInt(Measurement::wrong).sum(),
                        0));
        return new Report(
                "churn",
                List.of(
                        new Report.Sheet(
                                "MiB resident: idle, with %,d interfaces, in the second quarter of"
                                                .formatted(interfaces)
                                        + " the churn and in the last; live heap after the first"
                                        + " quarter and at the end",
                                List.of(
                                        "PROCESS",
                                        "IDLE",
                                        "FILLED",
                                        "EARLY",
                                        "LATE",
                                        "GROWTH",
                                        "HEAP EARLY",
                                        "LATE",
                                        "GROWTH"),
                                rows)),
                goals,
                figures);
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
