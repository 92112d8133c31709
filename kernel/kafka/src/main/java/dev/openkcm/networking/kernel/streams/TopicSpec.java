package dev.openkcm.networking.kernel.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * A topic as it must be: the services create what is missing and refuse to run on what differs.
 *
 * @param config topic-level configuration by Kafka's names
 * @param type of the values, where the service that needs the topic encodes them itself
 */
public record TopicSpec(
        String name, Map<String, String> config, @Nullable Class<? extends SpecificRecord> type) {

    /** Of all topics: co-partitioned joins need the same number everywhere (ADR 8). */
    public static final int DEFAULT_PARTITIONS = 4;

    public TopicSpec {
        config = new TreeMap<>(config);
    }

    public String cleanupPolicy() {
        return config.getOrDefault("cleanup.policy", "delete");
    }

    /** Records kept for some time. */
    public static TopicSpec keptFor(String name, Duration retention) {
        return new TopicSpec(
                name,
                Map.of(
                        "cleanup.policy",
                        "delete",
                        "retention.ms",
                        Long.toString(retention.toMillis())),
                null);
    }

    /** Records kept for ever: the truth. */
    public static TopicSpec keptForEver(String name) {
        return new TopicSpec(
                name,
                Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1"),
                null);
    }

    /** The last record of each key. */
    public static TopicSpec compacted(String name) {
        return new TopicSpec(name, Map.of("cleanup.policy", "compact"), null);
    }

    /** The same, with values of this type. */
    public TopicSpec with(Class<? extends SpecificRecord> values) {
        return new TopicSpec(name, config, values);
    }

    /** Every topic that the owner of a kind needs, the public ones first. */
    public static List<TopicSpec> of(Kind<?, ?, ?> kind) {
        var topics = new ArrayList<TopicSpec>();
        topics.add(keptFor(kind.commands(), Duration.ofDays(7)));
        topics.add(keptFor(kind.results(), Duration.ofDays(7)));
        topics.add(keptForEver(kind.events()));
        topics.add(compacted(kind.state()));
        var deadLetters = new TreeMap<>(keptFor(kind.deadLetters(), Duration.ofDays(30)).config());
        // The original bytes may fill a record by themselves, and headers come on top.
        deadLetters.put("max.message.bytes", "2097152");
        topics.add(new TopicSpec(kind.deadLetters(), deadLetters, null));
        topics.add(keptFor(kind.rerouted(), Duration.ofDays(1)));
        topics.add(keptFor(kind.replies(), Duration.ofDays(1)));
        topics.add(
                keptFor(kind.observations(), Duration.ofDays(7))
                        .with(kind.codec().observationType()));
        return topics;
    }
}
