package dev.openkcm.networking.kernel.streams;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.internals.OffsetCheckpoint;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running Streams application, and how it is. */
public final class StreamsApp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StreamsApp.class);

    private static final String GROUP_INSTANCE_ID =
            StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);

    private static final long SHORTEST_REST_MS = 1_000;
    private static final long LONGEST_REST_MS = 8_000;

    /** What has run this long does not fail for the same reason again. */
    private static final Duration STEADY = Duration.ofMinutes(1);

    private final String name;
    private final Topology topology;
    private final Properties properties;
    private final Gauge gauge;
    private final StateSeal seal;
    private final ProcessIdentity identity;
    private volatile KafkaStreams streams;
    private volatile boolean closed;
    private volatile boolean startingAnew;
    private long startedAt = System.nanoTime() - STEADY.toNanos();
    private long rest = SHORTEST_REST_MS;
    private @Nullable AutoCloseable measured;
    private final Restoration restoration = new Restoration();
    private final AtomicLong failures = new AtomicLong();
    private volatile @Nullable String lastFailure;
    private final CountDownLatch running = new CountDownLatch(1);

    /** Measures what runs, until it is closed; another one runs after every failure. */
    public interface Gauge {

        Gauge NONE = _ -> () -> {};

        AutoCloseable measure(KafkaStreams running);
    }

    /**
     * How an application is, for people and for health checks.
     *
     * @param state of Kafka Streams: RUNNING, REBALANCING, ERROR and so on; STARTING_ANEW after a
     *     failure
     * @param restored how many records of the stores were restored so far
     * @param toRestore how many there are to restore
     * @param failures how often it failed and was started anew
     */
    public record Status(
            String application,
            String state,
            long restored,
            long toRestore,
            long failures,
            @Nullable String lastFailure) {

        /** Serving and deciding, or about to after a short rebalance. */
        public boolean ready() {
            return state.equals("RUNNING") && !restoring();
        }

        public boolean restoring() {
            return restored < toRestore;
        }

        /** Will not come back by itself. */
        public boolean dead() {
            return state.equals("ERROR")
                    || state.equals("PENDING_ERROR")
                    || state.equals("NOT_RUNNING");
        }
    }

    public StreamsApp(Topology topology, Properties properties) {
        this(topology, properties, Gauge.NONE);
    }

    public StreamsApp(Topology topology, Properties properties, Gauge gauge) {
        this.gauge = gauge;
        this.name = properties.getProperty(StreamsConfig.APPLICATION_ID_CONFIG);
        this.topology = topology;
        this.properties = properties;
        var stateDir = Path.of(properties.getProperty(StreamsConfig.STATE_DIR_CONFIG));
        RocksDbLibrary.load(stateDir);
        this.seal = new StateSeal(stateDir, name, exactlyOnce(properties));
        this.identity =
                new ProcessIdentity(
                        stateDir, name, properties.getProperty(GROUP_INSTANCE_ID, name));
        seal.open();
        this.streams = create();
        this.measured = gauge.measure(streams);
    }

    private static boolean exactlyOnce(Properties properties) {
        return StreamsConfig.EXACTLY_ONCE_V2.equals(
                properties.getProperty(StreamsConfig.PROCESSING_GUARANTEE_CONFIG));
    }

    private KafkaStreams create() {
        identity.establish(); // Each time: what is found corrupt is deleted with it.
        var created = new MeasuredAsAWhole(topology, properties);
        created.setGlobalStateRestoreListener(restoration);
        created.setStateListener((now, before) -> {
            LOG.info("{} goes from {} to {}", name, before, now);
            if (now == KafkaStreams.State.RUNNING) {
                running.countDown();
            }
        });
        created.setUncaughtExceptionHandler(failure -> {
            failures.incrementAndGet();
            lastFailure = Instant.now() + " " + withCause(failure);
            boolean corrupt = corrupted(failure);
            LOG.error(
                    corrupt
                            ? "A local store of {} is corrupt; all are built anew"
                            : "{} failed and is started anew",
                    name,
                    failure);
            startingAnew = true;
            Thread.ofPlatform()
                    .name(name + "-anew")
                    .daemon()
                    .start(() -> startAnew(created, corrupt));
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        return created;
    }

    /** Streams says where it happened, and what it wraps says what. */
    private static String withCause(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return last.equals(failure) ? failure.toString() : failure + " because of " + last;
    }

    /**
     * Whether RocksDB says that what it reads is not what it wrote, or the file that tells how far
     * a store is can't be read. A client that is only started anew would read the same again, for
     * ever.
     */
    static boolean corrupted(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RocksDBException rocks) {
                var status = rocks.getStatus();
                String message = String.valueOf(rocks.getMessage());
                return (status != null && status.getCode() == org.rocksdb.Status.Code.Corruption)
                        || message.contains("orrupt")
                        || message.contains("No such file")
                        || message.contains("does not exist")
                        || message.contains("checksum");
            }
            if (readsCheckpoint(cause)) {
                return true;
            }
        }
        return false;
    }

    /** Streams has no exception of its own for it; what is thrown depends on the byte. */
    private static boolean readsCheckpoint(Throwable failure) {
        return Arrays.stream(failure.getStackTrace())
                .anyMatch(frame ->
                        frame.getClassName().equals(OffsetCheckpoint.class.getName())
                                && frame.getMethodName().startsWith("read"));
    }

    /**
     * A new client is the same static member of its group and takes its partitions at once. A
     * thread that only replaced the dead one would be another member, and wait until the session of
     * the dead one is over.
     *
     * @param corrupt whether stores, which are copies of their changelogs, are deleted first
     */
    private synchronized void startAnew(KafkaStreams failed, boolean corrupt) {
        try {
            if (closed || !streams.equals(failed)) {
                return;
            }
            failed.close(Duration.ofSeconds(60));
            if (corrupt) {
                failed.cleanUp();
            }
            endMeasurement();
            restoration.clear();
            do {
                pause();
            } while (!closed && !started());
            startedAt = System.nanoTime();
        } finally {
            startingAnew = false;
        }
    }

    /** False when the next client can't even be made, as when no broker's name is known. */
    private boolean started() {
        try {
            var next = create();
            streams = next;
            next.start();
            measured = gauge.measure(next);
            return true;
        } catch (RuntimeException failure) {
            LOG.error("{} can't be started anew yet", name, failure);
            lastFailure = Instant.now() + " " + withCause(failure);
            return false;
        }
    }

    private void endMeasurement() {
        try {
            if (measured != null) {
                measured.close();
                measured = null;
            }
        } catch (Exception failure) {
            LOG.warn("The metrics of {} can't be taken away", name, failure);
        }
    }

    /** What keeps failing must not keep a core busy: restoring and joining are work. */
    private void pause() {
        boolean failsAgain = System.nanoTime() - startedAt < STEADY.toNanos();
        rest = failsAgain ? Math.min(2 * rest, LONGEST_REST_MS) : SHORTEST_REST_MS;
        try {
            Thread.sleep(rest);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    public String name() {
        return name;
    }

    /**
     * How many committed records of its inputs it has not read yet. The broker is asked for the
     * ends: a consumer that has not fetched yet does not know them.
     */
    public long behind(Admin admin) throws ExecutionException, InterruptedException {
        var read = new HashMap<TopicPartition, Long>();
        for (var thread : streams.metadataForLocalThreads()) {
            for (var task : thread.activeTasks()) {
                for (var input : task.topicPartitions()) {
                    read.put(input, Math.max(0, task.committedOffsets().getOrDefault(input, 0L)));
                }
            }
        }
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        read.keySet().forEach(input -> latest.put(input, OffsetSpec.latest()));
        var ends =
                admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all()
                        .get();
        return ends.entrySet().stream()
                .mapToLong(end ->
                        Math.max(0, end.getValue().offset() - read.getOrDefault(end.getKey(), 0L)))
                .sum();
    }

    /** Ends it, leaves its group, and deletes what it has on disk. */
    public void closeForGood() {
        closed = true;
        synchronized (this) {
            streams.close(
                    new KafkaStreams.CloseOptions()
                            .leaveGroup(true)
                            .timeout(Duration.ofSeconds(30)));
            streams.cleanUp();
            endMeasurement();
        }
    }

    public void start() {
        streams.start();
    }

    /** Returns once it has been running, or after this time. */
    public void awaitRunning(Duration limit) throws InterruptedException {
        var _ = running.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    public KafkaStreams streams() {
        return streams;
    }

    public Status status() {
        return new Status(
                name,
                startingAnew ? "STARTING_ANEW" : streams.state().name(),
                restoration.restored(),
                restoration.toRestore(),
                failures.get(),
                lastFailure);
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            if (streams.close(Duration.ofSeconds(10))) {
                seal.close();
            }
        }
    }

    /**
     * Does not tell the metrics of single partitions, topics and tasks. Micrometer takes what is
     * told of a whole client out of its registry as soon as it sees the same of a part, which is a
     * minute after the start, whether or not a filter lets the latter in: how far behind the
     * consumers are was then told by nothing.
     */
    private static final class MeasuredAsAWhole extends KafkaStreams {

        private static final Set<String> PARTS =
                Set.of("partition", "topic", "node-id", "task-id", "processor-node-id");

        MeasuredAsAWhole(Topology topology, Properties properties) {
            // Views write nothing that could name what it follows from.
            super(topology, properties, new PromptClients(exactlyOnce(properties)));
        }

        @Override
        public Map<MetricName, ? extends Metric> metrics() {
            var whole = new LinkedHashMap<MetricName, Metric>();
            super.metrics()
                    .forEach((name, metric) -> {
                        if (Collections.disjoint(name.tags().keySet(), PARTS)) {
                            whole.put(name, metric);
                        }
                    });
            return whole;
        }
    }

    /** Adds up the restorations that are under way. */
    private static final class Restoration implements StateRestoreListener {

        private record Progress(long restored, long total) {}

        private final Map<String, Progress> running = new ConcurrentHashMap<>();

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
            running.put(partition + store, new Progress(0, end - start));
        }

        @Override
        public void onBatchRestored(
                TopicPartition partition, String store, long batchEnd, long count) {
            running.computeIfPresent(
                    partition + store, (_, p) -> new Progress(p.restored + count, p.total));
        }

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long total) {
            running.remove(partition + store);
        }

        @Override
        public void onRestoreSuspended(TopicPartition partition, String store, long total) {
            running.remove(partition + store);
        }

        void clear() {
            running.clear();
        }

        long restored() {
            return running.values().stream().mapToLong(Progress::restored).sum();
        }

        long toRestore() {
            return running.values().stream().mapToLong(Progress::total).sum();
        }
    }
}
