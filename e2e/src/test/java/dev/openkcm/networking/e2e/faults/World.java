package dev.openkcm.networking.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.cli.command.CommandTree;
import dev.openkcm.networking.cli.command.Session;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Palette;
import dev.openkcm.networking.deploy.BrokerNode;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.KafkaCluster;
import dev.openkcm.networking.deploy.Ports;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** Three brokers behind proxies, a registry behind one, two instances of every service. */
final class World implements AutoCloseable {
    /** The short run has the two that everything else stands on. */
    private static final String SERVICES =
            System.getProperty("faults.services", "network|interface");

    private static final int BROKERS = 3;
    private static final int PER_SERVICE = 2;

    /** Few ids that rest shortly, so that they run out and come back all the time. */
    static final String NETWORK_IDS = "200..231";

    private final Path folder;
    private final List<TcpProxy> links = new ArrayList<>();
    private final List<BrokerNode> nodes = new ArrayList<>();
    private final EmbeddedKafka kafka;
    private final EmbeddedRegistry registry;
    private final HttpProxy registryLink;
    private final List<Instance> instances = new ArrayList<>();
    private final Set<String> forged = new HashSet<>();

    World(Path folder) {
        List<Integer> ports = Ports.free(BROKERS * 3 + Instance.Service.ALL.size() * PER_SERVICE);
        for (int i = 0; i < BROKERS; i++) {
            int port = ports.get(3 * i);
            var link = new TcpProxy(ports.get(3 * i + 1), port);
            links.add(link);
            nodes.add(
                    BrokerNode.of(
                                    i + 1,
                                    port,
                                    ports.get(3 * i + 2),
                                    folder.resolve("broker-" + (i + 1)))
                            .behind(link.port()));
        }
        this.folder = folder;
        kafka = EmbeddedKafka.start(KafkaCluster.of(nodes.toArray(BrokerNode[]::new)).asGuarded());
        registry = EmbeddedRegistry.start(folder.resolve("registry"));
        registryLink = new HttpProxy(registry.url());
        Map<String, String> environment = new HashMap<>();
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put("SCHEMA_REGISTRY_URL", registryLink.url());
        environment.put("QUARKUS_HTTP_HOST", "localhost");
        environment.put("OPENKCM_NETWORK_IDS_MAX", "231");
        environment.put("OPENKCM_NETWORK_IDS_QUARANTINE", "PT1S");
        int next = BROKERS * 3;
        for (int ordinal = 0; ordinal < PER_SERVICE; ordinal++) {
            for (var service : services()) {
                instances.add(
                        new Instance(service, ordinal, ports.get(next++), folder, environment));
            }
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> instances.forEach(Instance::kill)));
        instances.forEach(Instance::start);
        awaitReady();
    }

    /** Those that are built and chosen. */
    static List<Instance.Service> services() {
        return Instance.Service.ALL.stream()
                .filter(service -> service.name().matches(SERVICES))
                .filter(Instance.Service::built)
                .toList();
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    EmbeddedKafka kafka() {
        return kafka;
    }

    HttpProxy registryLink() {
        return registryLink;
    }

    BrokerNode node(int broker) {
        return nodes.get(broker - 1);
    }

    TcpProxy link(int broker) {
        return links.get(broker - 1);
    }

    /** Of all instances, whichever broker they tell. */
    void watchCommits(TcpProxy.CommitWatcher watcher) {
        links.forEach(link -> link.watchCommits(watcher));
    }

    List<Instance> instances() {
        return instances;
    }

    void awaitReady() {
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(250))
                .untilAsserted(() ->
                        assertThat(instances)
                                .filteredOn(instance -> !instance.ready())
                                .extracting(Instance::name)
                                .as("instances that are not ready")
                                .isEmpty());
    }

    /** The broker that leads a partition. */
    int leader(String topic, int partition) {
        return ask(admin ->
                admin.describeTopics(List.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic)
                        .partitions()
                        .get(partition)
                        .leader()
                        .id());
    }

    /** The broker that leads the quorum. */
    int controller() {
        return ask(admin -> admin.describeMetadataQuorum().quorumInfo().get().leaderId());
    }

    /** The broker that coordinates the transactions of the first application found. */
    int transactionCoordinator() {
        return ask(admin -> {
            var id =
                    admin.listTransactions().all().get().stream()
                            .map(listing -> listing.transactionalId())
                            .filter(name -> name.startsWith("openkcm.network.decide"))
                            .sorted()
                            .findFirst()
                            .orElseThrow();
            return admin.describeTransactions(List.of(id)).description(id).get().coordinatorId();
        });
    }

    /** Something that only the brokers know. */
    private interface Question<T> {
        T of(Admin admin) throws ExecutionException, InterruptedException;
    }

    private <T> T ask(Question<T> question) {
        try (var admin = admin()) {
            return question.of(admin);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** For what does not belong to an instance. */
    Path folder(String name) {
        return folder.resolve(name);
    }

    /** Where a broker keeps everything it has. */
    Path broker(int broker) {
        return folder.resolve("broker-" + broker);
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    Set<String> topics() {
        return ask(admin -> admin.listTopics().names().get());
    }

    /** A record that no service wrote; {@code kcm verify} will rightly say so. */
    void isForged(String place) {
        forged.add(place);
    }

    /**
     * What {@code kcm verify} says.
     *
     * @param agrees nothing differs but what was forged
     */
    record Verdict(boolean agrees, int code, String output) {}

    Verdict verify(Duration settle) {
        var out = new StringWriter();
        var console = new Console(new PrintWriter(out), new PrintWriter(out), Palette.PLAIN);
        var session =
                new Session(
                        console,
                        InputStream.nullInputStream(),
                        Map.of("SCHEMA_REGISTRY_URL", registry.url()),
                        InstantSource.system(),
                        Path.of(""));
        var arguments =
                new ArrayList<>(
                        List.of(
                                "verify",
                                "--bootstrap-servers",
                                kafka.bootstrapServers(),
                                "--network-ids",
                                NETWORK_IDS,
                                "--settle",
                                settle.toSeconds() + "s",
                                "--max-differences",
                                "100000"));
        for (var instance : instances) {
            arguments.add("--instance");
            arguments.add(instance.service().name() + "=" + instance.url());
        }
        int code = CommandTree.of(session).execute(arguments.toArray(String[]::new));
        console.out().flush();
        console.err().flush();
        return new Verdict(
                code == 0
                        || (out.toString().contains(" differences.")
                                && out.toString().lines().allMatch(this::expected)),
                code,
                out.toString());
    }

    /** A line about a difference is indented, and ends with the records that say so. */
    private boolean expected(String line) {
        if (!line.startsWith("  ")) {
            return true;
        }
        int records = line.lastIndexOf("  [");
        return records > 0
                && forged.containsAll(
                        List.of(line.substring(records + 3, line.length() - 1).split(", ")));
    }

    /** What the instances use, one after the other. */
    List<Resources> resources() {
        return instances.stream().map(Resources::of).toList();
    }

    @Override
    public void close() {
        instances.forEach(Instance::kill);
        registryLink.close();
        registry.close();
        kafka.kill();
        links.forEach(TcpProxy::close);
    }
}
