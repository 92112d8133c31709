package dev.openkcm.networking.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.bench.baseline.RawWriter;
import dev.openkcm.networking.bench.load.EstateCommands;
import dev.openkcm.networking.bench.load.Job;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A whole estate, written as fast as the broker takes it, in the order that is worst, until every
 * projection is what the model says; and the end of a Network that is full.
 */
final class EstateBenchmark implements Benchmark {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(20);

    /** One part of the estate. */
    private record Part(ServiceLeg leg, String source, int count) {}

    /**
     * An estate.
     *
     * @param seconds from the first command until every projection was right
     * @param records that the run wrote, on all topics
     * @param floorSeconds that the broker needs for as many of the same size
     */
    record Applied(
            int commands, double seconds, Lab.Written records, double floorSeconds, boolean right) {

        double ratio() {
            return seconds / floorSeconds;
        }
    }

    /** The end of a Network and its interfaces. */
    record Deleted(int interfaces, double seconds, boolean right) {}

    @Override
    public String name() {
        return "estate";
    }

    @Override
    public Report run(Lab lab) {
        boolean quick = lab.options().quick();
        int networks = quick ? 100 : 1_000;
        int crowd = quick ? 2_000 : 20_000;
        var services = new ArrayList<ServiceLeg>();
        var network = add(services, lab.service("network", "network"));
        var interfaces = add(services, lab.service("interface", "network-interface"));
        var vipNat = add(services, lab.service("vip-nat", "virtual-ip"));
        var balancers = add(services, lab.service("loadbalancer", "load-balancer"));
        var policies = add(services, lab.service("policy", "network-policy"));
        services.forEach(ServiceLeg::start);
        try {
            services.forEach(ServiceLeg::awaitReady);
            lab.createPool(vipNat);
            int nics = networks * EstateCommands.INTERFACES_EACH;
            int vips = nics / EstateCommands.VIRTUAL_IP_EVERY;
            int rules = networks * EstateCommands.POLICIES_EACH;
            // What depends on others comes first.
            var parts =
                    List.of(
                            new Part(policies, EstateCommands.POLICIES, rules),
                            new Part(balancers, EstateCommands.BALANCERS, networks),
                            new Part(vipNat.as("nat-gateway"), "nat-gateway", networks),
                            new Part(interfaces, EstateCommands.INTERFACES, nics),
                            new Part(vipNat, "virtual-ip", vips),
                            new Part(network, EstateCommands.NETWORKS, networks));
            var applied = apply(lab, networks, parts);
            var deleted = delete(lab, network, interfaces, crowd);
            return report(applied, deleted);
        } finally {
            services.forEach(ServiceLeg::stop);
        }
    }

    private static ServiceLeg add(List<ServiceLeg> services, ServiceLeg service) {
        services.add(service);
        return service;
    }

    private static Applied apply(Lab lab, int networks, List<Part> parts) {
        var drivers = new ArrayList<DriverProcess>();
        try (var model = new EstateModel(lab, networks)) {
            for (var part : parts) {
                drivers.add(lab.driver(part.leg(), null, part.source(), "", part.count()));
            }
            var before = lab.written();
            int commands = 0;
            long begin = System.nanoTime();
            for (int i = 0; i < parts.size(); i++) {
                drivers.get(i).run(Job.shuffled(parts.get(i).count()));
                commands += parts.get(i).count();
            }
            lab.progress().say("  %,d commands are written".formatted(commands));
            boolean right = model.reached(LIMIT);
            double seconds = (System.nanoTime() - begin) / 1e9;
            var records = lab.written().since(before);
            double floor = floor(lab, records);
            lab.progress()
                    .say(
                            String.format(
                                    Locale.ROOT,
                                    "  right after %.1f s; %,d records take the broker %.1f s",
                                    seconds,
                                    records.records(),
                                    floor));
            return new Applied(commands, seconds, records, floor, right);
        } finally {
            drivers.forEach(DriverProcess::close);
        }
    }

    private static double floor(Lab lab, Lab.Written records) {
        String topic = "bench." + lab.nextId() + "floor";
        lab.createTopics(List.of(topic));
        var process =
                Child.talking(
                        lab.folder("raw").resolve("writer.log"),
                        RawWriter.class,
                        List.of(
                                lab.bootstrapServers(),
                                topic,
                                Long.toString(records.records()),
                                Long.toString(records.bytes() / Math.max(1, records.records()))));
        try {
            return JSON.readValue(process.getInputStream().readAllBytes(), RawWriter.Written.class)
                    .seconds();
        } catch (IOException e) {
            throw new BenchException("the raw writer failed; its log is in the run's folder", e);
        }
    }

    /** The Network first, which then waits for the last of its interfaces. */
    private static Deleted delete(Lab lab, ServiceLeg network, ServiceLeg interfaces, int crowd) {
        try (var networks = lab.driver(network, EstateCommands.CROWDED, lab.nextId(), 1);
                var nics = lab.driver(interfaces, EstateCommands.CROWD, lab.nextId(), crowd);
                var gone = new Tombstones(lab)) {
            lab.create(networks, 0, 1);
            lab.create(nics, 0, crowd);
            gone.awaitPresent(crowd + 1, LIMIT);
            long begin = System.nanoTime();
            networks.run(Job.deleteAll(1));
            nics.run(Job.deleteAll(crowd));
            boolean right = gone.awaitPresent(0, LIMIT);
            double seconds = (System.nanoTime() - begin) / 1e9;
            lab.progress()
                    .say(
                            String.format(
                                    Locale.ROOT,
                                    "  a Network of %,d interfaces is gone after %.1f s",
                                    crowd,
                                    seconds));
            return new Deleted(crowd, seconds, right);
        }
    }

    private static Report report(Applied applied, Deleted deleted) {
        return new Report(
                "estate",
                List.of(
                        new Report.Sheet(
                                "From the first command until every projection is what it must be",
                                List.of(
                                        "COMMANDS",
                                        "RECORDS",
                                        "BYTES",
                                        "SECONDS",
                                        "BROKER ALONE",
                                        "÷ BROKER"),
                                List.of(
                                        List.of(
                                                number(applied.commands()),
                                                number(applied.records().records()),
                                                number(applied.records().bytes()),
                                                tenths(applied.seconds()),
                                                tenths(applied.floorSeconds()),
                                                tenths(applied.ratio())))),
                        new Report.Sheet(
                                "Where most of it was written, markers of transactions included",
                                List.of("TOPIC", "RECORDS"),
                                applied.records().most(12).stream()
                                        .map(each ->
                                                List.of(each.getKey(), number(each.getValue())))
                                        .toList()),
                        new Report.Sheet(
                                "From the deletion of a Network and its interfaces until nothing"
                                        + " is left",
                                List.of("INTERFACES", "SECONDS"),
                                List.of(
                                        List.of(
                                                number(deleted.interfaces()),
                                                tenths(deleted.seconds()))))),
                List.of(
                        Report.Goal.atMost("estate ÷ writing its records", applied.ratio(), 2.5),
                        Report.Goal.atMost(
                                "seconds until the Network is gone", deleted.seconds(), 3),
                        Report.Goal.atMost(
                                "projections that were not what the model says",
                                (applied.right() ? 0 : 1) + (deleted.right() ? 0 : 1),
                                0)),
                List.of(applied, deleted));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String tenths(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
