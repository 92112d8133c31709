package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real broker, or several, in processes that end with this one at the latest. */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final List<KafkaBroker> brokers;
    private final List<RunningServer> running = new ArrayList<>();
    private final KafkaCluster cluster;

    private EmbeddedKafka(KafkaCluster cluster, List<KafkaBroker> brokers) {
        this.cluster = cluster;
        this.brokers = List.copyOf(brokers);
    }

    /** One broker that keeps its data in the folder given; port 0 takes any free one. */
    public static EmbeddedKafka start(Path data, int port) {
        List<Integer> free = Ports.free(2);
        int chosen = port == 0 ? free.getFirst() : port;
        return start(KafkaCluster.of(BrokerNode.of(1, chosen, free.getLast(), data)));
    }

    public static EmbeddedKafka start(Path data) {
        return start(data, 0);
    }

    public static EmbeddedKafka start(KafkaCluster cluster) {
        StackLocation stack = StackLocation.find();
        List<KafkaBroker> brokers =
                cluster.nodes().stream()
                        .map(node ->
                                new KafkaBroker(
                                        "broker " + node.id(),
                                        stack,
                                        cluster,
                                        node,
                                        node.data().resolve("broker.log")))
                        .toList();
        EmbeddedKafka kafka = new EmbeddedKafka(cluster, brokers);
        kafka.start();
        return kafka;
    }

    public String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    /**
     * Starts what does not run, on the same ports and data as before, and waits until it serves.
     */
    public void start() {
        try {
            for (KafkaBroker broker : brokers) {
                if (running.stream().noneMatch(one -> one.server().equals(broker))) {
                    running.add(RunningServer.start(broker, List.of(), Launcher.LEASHED));
                }
            }
            running.forEach(RunningServer::awaitReady);
        } catch (RuntimeException e) {
            kill();
            throw e;
        }
    }

    public void stop() {
        Processes.stop(running.stream().map(RunningServer::process).toList(), GRACE);
        running.clear();
    }

    /** Ends every broker at once, as a power cut would. */
    public void kill() {
        running.forEach(RunningServer::kill);
        running.clear();
    }

    /** Ends one broker at once, by its number; {@link #start} brings it back. */
    public void kill(int broker) {
        running.stream().filter(one -> isBroker(one, broker)).forEach(RunningServer::kill);
        running.removeIf(one -> isBroker(one, broker));
    }

    /** The process of one broker, by its number. */
    public ProcessHandle process(int broker) {
        return running.stream()
                .filter(one -> isBroker(one, broker))
                .map(RunningServer::process)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("broker " + broker + " is down"));
    }

    private static boolean isBroker(RunningServer server, int broker) {
        return server.server() instanceof KafkaBroker one && one.node().id() == broker;
    }

    /** The processes of the brokers, for those who want to hurt them. */
    public List<ProcessHandle> processes() {
        return running.stream().map(RunningServer::process).toList();
    }

    @Override
    public void close() {
        stop();
    }
}
