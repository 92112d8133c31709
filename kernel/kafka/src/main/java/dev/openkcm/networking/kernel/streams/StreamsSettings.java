package dev.openkcm.networking.kernel.streams;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The settings of the Streams applications; the reasons are in {@code docs/architecture.md}.
 *
 * @param client what every Kafka client needs: bootstrap servers, security
 * @param stateDir kept over restarts, so that little is restored
 * @param instance the ordinal of this instance among those of the service
 * @param server host and port that answers REST for this instance
 */
public record StreamsSettings(
        Map<String, String> client, Path stateDir, int instance, String server) {

    /** How long a member may be silent before its partitions move to another instance. */
    private static final int SESSION_TIMEOUT_MS = 8_000;

    /** Must exceed the longest stop of the JVM that is to be survived without an abort. */
    private static final int TRANSACTION_TIMEOUT_MS = 5_000;

    /** How many records a thread takes in at once. */
    static final int MAX_POLL_RECORDS = 1_000;

    /** Between commits while there is a load, unless commits take longer. */
    static final int COMMIT_INTERVAL_MS = 10;

    /**
     * Between commits of what nothing followed from, where {@link PromptCommits} ask for others.
     */
    private static final int IDLE_COMMIT_INTERVAL_MS = 5_000;

    /**
     * Of applications that decide, allocate or observe: exactly once, and {@link PromptCommits}.
     */
    public Properties promptly(String applicationId) {
        var properties = exactlyOnce(applicationId);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, IDLE_COMMIT_INTERVAL_MS);
        return properties;
    }

    /** Exactly once, committed every 10 ms. */
    public Properties exactlyOnce(String applicationId) {
        var properties = common(applicationId);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MS);
        properties.put(
                StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                TRANSACTION_TIMEOUT_MS);
        return properties;
    }

    /** Of applications that view: idempotent upserts of committed records, at least once. */
    public Properties atLeastOnce(String applicationId) {
        var properties = common(applicationId);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
        properties.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG),
                "read_committed");
        // Streams' hidden default of 100 would be paid on every record.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 1);
        return properties;
    }

    private Properties common(String applicationId) {
        var settings = new HashMap<String, Object>(client);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        settings.put(StreamsConfig.CLIENT_ID_CONFIG, applicationId + "-" + instance);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        settings.put(StreamsConfig.APPLICATION_SERVER_CONFIG, server);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
        settings.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, SetAside.class);
        // Metrics are read through the registry of the service; as management beans they cost more
        // than the work they measure: every open iterator registers one and removes it again.
        settings.put(StreamsConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        settings.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        // Nothing depends on the order of records of different topics.
        settings.put(
                StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        settings.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                applicationId + "-" + instance);
        settings.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                SESSION_TIMEOUT_MS);
        settings.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
                SESSION_TIMEOUT_MS / 4);
        settings.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
                MAX_POLL_RECORDS);
        settings.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), 60_000);
        // Partitions that join a restoration wait for the request that is on its way: with the
        // default of 500 ms the stores of an idle service were half a second each in restoring.
        settings.put(
                StreamsConfig.restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 20);
        // A dead letter carries the original bytes, which may fill a record, and headers.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), 3 << 20);
        // A transaction that begins while the markers of the one before are written is refused, and
        // tried again after this, and then twice that: with the default of 100 ms, every such
        // refusal was felt.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 5);
        // A commit's worth of records in few requests.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 64 << 10);
        var properties = new Properties();
        properties.putAll(settings);
        return properties;
    }
}
