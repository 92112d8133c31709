package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a service takes while it idles, and what each of many resources adds. */
final class MemoryBenchmark implements Benchmark {

    /**
     * One leg.
     *
     * @param heap in use after a full collection
     */
    record Figure(
            String leg,
            int resources,
            long idleResident,
            long idleHeap,
            long resident,
            long heap,
            int answered) {

        double heapPerResource() {
            return idleHeap == 0 ? Double.NaN : (double) (heap - idleHeap) / resources;
        }
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Report run(Lab lab) throws InterruptedException {
        int resources = lab.options().quick() ? 20_000 : 100_000;
        var services = lab.services();
        if (services.stream().anyMatch(leg -> leg.entity().equals("network-interface"))) {
            lab.createNetworks();
        }
        var figures = new ArrayList<Figure>();
        var limit = new BaselineLeg(lab, Level.L2, lab.nextId() + "L2");
        figures.add(leg(lab, limit, "network", resources));
        for (var service : services) {
            figures.add(leg(lab, service, service.entity(), resources));
        }
        return report(figures, services);
    }

    private static Figure leg(Lab lab, Leg leg, String entity, int resources)
            throws InterruptedException {
        lab.progress().say(leg.name());
        leg.start();
        leg.awaitReady();
        try (var driver = lab.driver(leg, entity, lab.nextId(), resources)) {
            Thread.sleep(10_000);
            long idleResident = ProcessUse.residentBytes(leg.pid());
            long idleHeap = lab.liveHeapBytes(leg.pid());
            var created = driver.run(Job.createAll(resources));
            // What follows from the answers: views, and states of the second step.
            Thread.sleep(10_000);
            long heap = lab.liveHeapBytes(leg.pid());
            return new Figure(
                    leg.name(),
                    resources,
                    idleResident,
                    idleHeap,
                    ProcessUse.residentBytes(leg.pid()),
                    heap,
                    created.answered());
        } finally {
            leg.stop();
        }
    }

    private static Report report(List<Figure> figures, List<ServiceLeg> services) {
        var rows = new ArrayList<List<String>>();
        for (var figure : figures) {
            rows.add(
                    List.of(
                            figure.leg(),
                            ProcessUse.mebibytes(figure.idleResident()),
                            ProcessUse.mebibytes(figure.idleHeap()),
                            String.format(Locale.ROOT, "%,d", figure.answered()),
                            ProcessUse.mebibytes(figure.resident()),
                            ProcessUse.mebibytes(figure.heap()),
                            String.format(Locale.ROOT, "%,.0f", figure.heapPerResource())));
        }
        var goals = new ArrayList<Report.Goal>();
        for (var service : services) {
            for (var figure : figures) {
                if (figure.leg().equals(service.name())) {
                    goals.add(
                            Report.Goal.atMost(
                                    figure.leg() + ": MiB resident while idle",
                                    figure.idleResident() / ProcessUse.MIB,
                                    180));
                    goals.add(
                            Report.Goal.atMost(
                                    figure.leg() + ": bytes of heap a resource",
                                    figure.heapPerResource(),
                                    700));
                }
            }
        }
        return new Report(
                "memory",
                List.of(
                        new Report.Sheet(
                                "MiB resident and of live heap, idle and with resources; bytes of"
                                        + " heap a resource",
                                List.of(
                                        "LEG",
                                        "IDLE",
                                        "HEAP",
                                        "RESOURCES",
                                        "RESIDENT",
                                        "HEAP",
                                        "BYTES EACH"),
                                rows)),
                goals,
                figures);
    }
}
