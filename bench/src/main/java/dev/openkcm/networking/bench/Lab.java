package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.load.Assignment;
import dev.openkcm.networking.bench.load.InterfaceCommands;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Jdk;
import dev.openkcm.networking.deploy.ServiceDefinition;
import dev.openkcm.networking.deploy.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A broker, a registry and a folder for one run, on free ports. */
final class Lab implements AutoCloseable {

    private static final int PARTITIONS = 4;
    private static final int SETTLED_AFTER_SECONDS = 120;

    /** A fifth of a processor over a second. */
    private static final long LITTLE_MICROS = 200_000;

    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    /** What the services are asked for, and the commands of which kinds are measured. */
    private static final Map<String, List<String>> ENTITIES =
            Map.of(
                    "network", List.of("network"),
                    "interface", List.of("network-interface"),
                    "vip-nat", List.of("virtual-ip", "nat-gateway"),
                    "loadbalancer", List.of("load-balancer"),
                    "policy", List.of("network-policy"));

    private final Options options;
    private final Progress progress;
    private final Path folder;
    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private boolean networks;
    private int legs;

    Lab(Options options, Progress progress) {
        this.options = options;
        this.progress = progress;
        try {
            Path parent = Files.createDirectories(options.home().resolve(".kcm/bench"));
            this.folder = Files.createTempDirectory(parent, "run-");
        } catch (IOException e) {
            throw new BenchException("no folder for the run can be made", e);
        }
        progress.say("Starting a broker and a registry …");
        this.kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        try {
            this.registry = EmbeddedRegistry.start(folder.resolve("registry"));
        } catch (RuntimeException e) {
            kafka.kill();
            throw e;
        }
    }

    Options options() {
        return options;
    }

    Progress progress() {
        return progress;
    }

    Path home() {
        return options.home();
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    String registryUrl() {
        return registry.url();
    }

    long brokerPid() {
        return kafka.processes().getFirst().pid();
    }

    Path folder(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A short name that no other leg of the run has. */
    String nextId() {
        return "r" + legs++ + "-";
    }

    void createTopics(List<String> names) {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.createTopics(
                            names.stream()
                                    .map(name -> new NewTopic(name, PARTITIONS, (short) 1))
                                    .toList())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new BenchException("the topics " + names + " can't be created", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    /** The records of a topic until now, markers of transactions included. */
    long recordsOf(String topic) {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            return records(admin, List.of(topic)).getOrDefault(topic, 0L);
        } catch (ExecutionException e) {
            throw new BenchException("the end of " + topic + " is not known", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    private static Map<String, Long> records(Admin admin, Collection<String> names)
            throws ExecutionException, InterruptedException {
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        for (var topic : admin.describeTopics(names).allTopicNames().get().values()) {
            for (var partition : topic.partitions()) {
                latest.put(
                        new TopicPartition(topic.name(), partition.partition()),
                        OffsetSpec.latest());
            }
        }
        var byTopic = new HashMap<String, Long>();
        admin.listOffsets(latest)
                .all()
                .get()
                .forEach((partition, end) ->
                        byTopic.merge(partition.topic(), end.offset(), Long::sum));
        return byTopic;
    }

    /** What has been written to all topics. */
    record Written(Map<String, Long> byTopic, long bytes) {

        Written since(Written before) {
            var more = new HashMap<String, Long>();
            byTopic.forEach((topic, records) ->
                    more.put(topic, records - before.byTopic.getOrDefault(topic, 0L)));
            return new Written(more, bytes - before.bytes);
        }

        long records() {
            return byTopic.values().stream().mapToLong(n -> n).sum();
        }

        /** The topics that most was written to, and how many records. */
        List<Map.Entry<String, Long>> most(int topics) {
            return byTopic.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                    .limit(topics)
                    .toList();
        }
    }

    /** What has been written to all topics until now, markers of transactions included. */
    Written written() {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            var records = records(admin, admin.listTopics().names().get());
            var brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
            long bytes =
                    admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
                            .flatMap(dirs -> dirs.values().stream())
                            .flatMap(dir -> dir.replicaInfos().values().stream())
                            .mapToLong(replica -> replica.size())
                            .sum();
            return new Written(records, bytes);
        } catch (ExecutionException e) {
            throw new BenchException("the ends of the log are not known", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    /** Services, each by every entity that it is measured with. */
    static List<ServiceLeg> entities(List<ServiceLeg> services) {
        var found = new ArrayList<ServiceLeg>();
        for (var service : services) {
            for (String entity : ENTITIES.getOrDefault(service.name(), List.of())) {
                found.add(service.entity().equals(entity) ? service : service.as(entity));
            }
        }
        return found;
    }

    /** The services that are asked for, built, and known to the driver. */
    List<ServiceLeg> services() {
        var found = new ArrayList<ServiceLeg>();
        for (var definition : ServiceDefinition.ALL) {
            var entities = ENTITIES.get(definition.name());
            if (!options.wants(definition.name())) {
                continue;
            }
            if (entities == null) {
                progress.say("Leaving out " + definition.name() + ": no commands for it yet.");
            } else if (!definition.built(home())) {
                progress.say("Leaving out " + definition.name() + ": it is not built.");
            } else {
                found.add(new ServiceLeg(this, definition, entities.getFirst()));
            }
        }
        return found;
    }

    /** A service that the benchmark can't do without. */
    ServiceLeg service(String name, String entity) {
        return ServiceDefinition.ALL.stream()
                .filter(definition -> definition.name().equals(name) && definition.built(home()))
                .map(definition -> new ServiceLeg(this, definition, entity))
                .findFirst()
                .orElseThrow(() -> new BenchException("the service " + name + " is not built"));
    }

    private Optional<ServiceLeg> service(String name) {
        return ServiceDefinition.ALL.stream()
                .filter(definition -> definition.name().equals(name) && definition.built(home()))
                .map(definition -> new ServiceLeg(this, definition, name))
                .findFirst();
    }

    /** Creates the Networks of the interfaces, once a run; without the service there are none. */
    void createNetworks() {
        if (networks) {
            return;
        }
        networks = true;
        var service = service("network");
        if (service.isEmpty()) {
            progress.say("Interfaces will stay Pending: the network service is not built.");
            return;
        }
        progress.say("Creating %d networks …".formatted(InterfaceCommands.NETWORKS));
        var leg = service.get();
        leg.start();
        leg.awaitReady();
        try (var driver = driver(leg, "network", "", InterfaceCommands.NETWORKS)) {
            create(driver, 0, InterfaceCommands.NETWORKS);
        } finally {
            leg.stop();
        }
    }

    /**
     * Waits until legs and broker have little to do: what was written in bulk goes on being
     * compacted after the last answer.
     */
    void settle(Leg... legs) {
        var pids =
                LongStream.concat(
                                LongStream.of(brokerPid()), Arrays.stream(legs).mapToLong(Leg::pid))
                        .toArray();
        for (int second = 0; second < SETTLED_AFTER_SECONDS; second++) {
            long before = LongStream.of(pids).map(ProcessUse::cpuMicros).sum();
            pause(1_000);
            if (LongStream.of(pids).map(ProcessUse::cpuMicros).sum() - before < LITTLE_MICROS) {
                return;
            }
        }
        progress.say("  The services do not come to rest; the figures will be bad.");
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    /** A driver with commands of a kind for a leg that is up, or whose topics exist. */
    DriverProcess driver(Leg leg, String entity, String prefix, int resources) {
        return driver(leg, leg.states(), entity, prefix, resources);
    }

    /** The same, with what follows from its commands on a topic of somebody else. */
    DriverProcess driver(
            Leg leg, @Nullable String states, String entity, String prefix, int resources) {
        return DriverProcess.start(
                assignment(leg, states, entity, prefix, resources, 42),
                folder.resolve("driver.log"));
    }

    /** Whom a program loads; no two with one seed are to send commands of the same names. */
    Assignment assignment(
            Leg leg,
            @Nullable String states,
            String entity,
            String prefix,
            int resources,
            long seed) {
        return new Assignment(
                bootstrapServers(),
                registryUrl(),
                leg.sendTo(),
                leg.answers(),
                states,
                entity,
                prefix,
                resources,
                seed);
    }

    /** Creates some resources, and waits for every answer. */
    void create(DriverProcess driver, int first, int count) {
        var created = driver.run(Job.create(first, count));
        if (created.answered() < count) {
            throw new BenchException(
                    "only %d of %d were created".formatted(created.answered(), count));
        }
    }

    /** Creates what a service that is ready needs before its commands mean something. */
    void prepare(Leg leg) {
        if (leg instanceof ServiceLeg service && service.name().startsWith("vip-nat")) {
            createPool(service);
        }
    }

    /** Creates the pool that public addresses come from, in a service that is ready. */
    void createPool(ServiceLeg vipNat) {
        try (var driver = driver(vipNat.as("address-pool"), "address-pool", "", 1)) {
            create(driver, 0, 1);
        }
    }

    /** Starts a flight recording of a process when the run is to be profiled. */
    void beginProfile(long pid) {
        Path profiles = options.profiles();
        if (profiles != null) {
            try {
                Files.createDirectories(profiles);
            } catch (IOException e) {
                throw new BenchException(profiles + " can't be made", e);
            }
            jcmd(pid, List.of("JFR.start", "name=bench", "settings=profile"));
        }
    }

    void endProfile(long pid, String name) {
        Path profiles = options.profiles();
        if (profiles != null) {
            Path file = profiles.resolve(name + ".jfr");
            jcmd(pid, List.of("JFR.stop", "name=bench", "filename=" + file));
            progress.say("Recorded " + file);
        }
    }

    /** The heap in use after a full collection; 0 when the process does not tell. */
    long liveHeapBytes(long pid) {
        jcmd(pid, List.of("GC.run"));
        jcmd(pid, List.of("GC.heap_info"));
        try {
            long used = 0;
            for (String line : Files.readAllLines(folder.resolve("jcmd.log"))) {
                var found = USED.matcher(line);
                if (line.contains(" total ") && found.find()) {
                    used += Long.parseLong(found.group(1)) * 1024;
                } else if (line.equals(pid + ":")) {
                    used = 0; // Only the last answer counts.
                }
            }
            return used;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void jcmd(long pid, List<String> command) {
        var all = new ArrayList<String>();
        all.add(Path.of(Jdk.java()).resolveSibling("jcmd").toString());
        all.add(Long.toString(pid));
        all.addAll(command);
        try {
            var process =
                    new ProcessBuilder(all)
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(
                                            folder.resolve("jcmd.log").toFile()))
                            .start();
            process.waitFor();
        } catch (IOException e) {
            throw new BenchException("jcmd can't be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void delete(Path tree) {
        try {
            Trees.delete(tree);
        } catch (IOException e) {
            throw new BenchException(tree + " can't be deleted", e);
        }
    }

    /** Deletes the data of the run; logs stay when something failed. */
    void deleteFolder() {
        delete(folder);
    }

    @Override
    public void close() {
        registry.stop();
        kafka.stop();
    }
}
