package dev.openkcm.networking.kernel.test;

import dev.openkcm.networking.kernel.streams.SetAside;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/**
 * Several applications over one imaginary cluster with one partition per topic: what one writes,
 * the others read, until nothing moves.
 */
public final class TopologyHarness implements AutoCloseable {

    private record Application(TopologyTestDriver driver, Set<String> reads) {}

    private final Path stateDir;
    private Instant published = DeciderFixture.NOW;
    private final LocalSerdes serdes = new LocalSerdes();
    private final Map<String, Application> applications = new LinkedHashMap<>();
    private final Map<String, List<TestRecord<byte[], byte[]>>> log = new HashMap<>();

    public TopologyHarness(Path stateDir) {
        this.stateDir = stateDir;
    }

    public TopologyHarness with(String applicationId, Topology topology, String... reads) {
        var config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        config.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, SetAside.class);
        var driver = new TopologyTestDriver(topology, config, DeciderFixture.NOW);
        applications.put(applicationId, new Application(driver, Set.of(reads)));
        return this;
    }

    /** Publishes bytes and lets everything settle. */
    @SuppressWarnings("NullAway") // A record's value may be null; TestRecord does not say so.
    public void publish(
            String topic, String key, byte @Nullable [] value, Map<String, String> headers) {
        var record = new TestRecord<>(key.getBytes(StandardCharsets.UTF_8), value, published);
        headers.forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
        deliver(topic, record);
    }

    public void publish(String topic, String key, @Nullable String json) {
        publish(topic, key, json == null ? null : json.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /**
     * Publishes what no owner writes: keys that are nobody's, values that nobody can read, on every
     * topic that is read but those that clients write to.
     */
    public void publishNobodysRecords() {
        var keys =
                List.of(
                        "",
                        "/",
                        "a/b/c/d/e",
                        "default/ a",
                        "poison",
                        "default/poison",
                        "default/poison/poison",
                        "NetworkInterface/default/poison/poison");
        var values = new ArrayList<byte @Nullable []>();
        values.add(null);
        for (String text : List.of("", "{}", "\0\177\0\0\0poison")) {
            values.add(text.getBytes(StandardCharsets.US_ASCII));
        }
        for (var application : applications.values()) {
            for (String topic : application.reads) {
                if (!topic.endsWith(".commands.v1") && !topic.endsWith(".commands-rerouted.v1")) {
                    keys.forEach(
                            key -> values.forEach(value -> publish(topic, key, value, Map.of())));
                }
            }
        }
    }

    /** Publishes a record and lets everything settle. */
    @SuppressWarnings("unchecked") // The class of a T is a Class<T>.
    public <T extends SpecificRecord> void publishRecord(String topic, String key, T value) {
        var type = (Class<T>) value.getClass();
        publish(topic, key, serdes.of(type).serializer().serialize(topic, value), Map.of());
    }

    public void advance(Duration time) {
        for (var application : applications.values()) {
            application.driver.advanceWallClockTime(time);
        }
        settle();
    }

    /** Moves the timestamps of what is published from now on; {@link #advance} moves the clock. */
    public void advanceLog(Duration time) {
        published = published.plus(time);
    }

    private void deliver(String topic, TestRecord<byte[], byte[]> record) {
        log.computeIfAbsent(topic, _ -> new ArrayList<>()).add(record);
        for (var application : applications.values()) {
            if (application.reads.contains(topic)) {
                application
                        .driver
                        .createInputTopic(
                                topic, new ByteArraySerializer(), new ByteArraySerializer())
                        .pipeInput(record);
            }
        }
        settle();
    }

    private void settle() {
        for (var application : applications.values()) {
            for (String topic : List.copyOf(application.driver.producedTopicNames())) {
                var output =
                        application.driver.createOutputTopic(
                                topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                while (!output.isEmpty()) {
                    deliver(topic, output.readRecord());
                }
            }
        }
    }

    public List<TestRecord<byte[], byte[]>> records(String topic) {
        return log.getOrDefault(topic, List.of());
    }

    /** The values of a topic for one key, oldest first; tombstones left out. */
    public <T extends SpecificRecord> List<T> values(String topic, String key, Class<T> type) {
        var deserializer = serdes.of(type).deserializer();
        var values = new ArrayList<T>();
        for (var record : of(topic, key)) {
            if (record.value() != null) {
                values.add(deserializer.deserialize(topic, record.value()));
            }
        }
        return values;
    }

    /** The last value for one key, null when it is a tombstone or there is none. */
    public <T extends SpecificRecord> @Nullable T last(String topic, String key, Class<T> type) {
        var all = of(topic, key);
        return all.isEmpty()
                ? null
                : serdes.of(type).deserializer().deserialize(topic, all.getLast().value());
    }

    private List<TestRecord<byte[], byte[]>> of(String topic, String key) {
        byte[] wanted = key.getBytes(StandardCharsets.UTF_8);
        return records(topic).stream().filter(r -> Arrays.equals(wanted, r.key())).toList();
    }

    public LocalSerdes serdes() {
        return serdes;
    }

    public static Instant start() {
        return DeciderFixture.NOW;
    }

    @Override
    public void close() {
        applications.values().forEach(a -> a.driver.close());
    }
}
