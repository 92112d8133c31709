package dev.openkcm.networking.kernel.streams;

import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * What REST reads: the committed state and the committed history of the resources of one kind.
 *
 * <p>The application can be reset at any time. Its table of resources is restored from the state
 * topic itself; rows of the history are written again with the same bytes when records are read
 * twice.
 */
public final class ViewTopology {

    private ViewTopology() {}

    /** key → the bytes of the state topic. */
    public static String resourcesStore(Kind<?, ?, ?> kind) {
        return kind.entity() + "-view";
    }

    /** {@link #historyKey} → the bytes of the events topic. */
    public static String historyStore(Kind<?, ?, ?> kind) {
        return kind.entity() + "-history";
    }

    /**
     * Sorts by resource, then by when events were written.
     *
     * @param offset of the record in its partition of the events topic
     */
    public static String historyKey(String key, long offset) {
        return "%s %016x".formatted(key, offset);
    }

    /** All rows of the history of a resource lie from here ... */
    public static String historyFrom(String key) {
        return key + " ";
    }

    /** ... to here; no character of a key sorts before the blank. */
    public static String historyTo(String key) {
        return key + "!";
    }

    /**
     * The viewing application.
     *
     * @param seen is told of every change of a resource after the table has it; null bytes when it
     *     is gone
     */
    public static Topology of(Kind<?, ?, ?> kind, BiConsumer<String, byte @Nullable []> seen) {
        var builder = new StreamsBuilder();
        Materialized<String, byte[], KeyValueStore<Bytes, byte[]>> table =
                Materialized.<String, byte[]>as(Stores.inMemoryKeyValueStore(resourcesStore(kind)))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.ByteArray())
                        .withCachingDisabled();
        builder.table(
                        kind.state(),
                        Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("resources"),
                        table)
                .toStream(Named.as("changes"))
                .foreach(seen::accept, Named.as("tell"));
        builder.addStateStore(DecideTopology.rows(historyStore(kind)));
        builder.stream(
                        kind.events(),
                        Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("events"))
                .process(
                        () -> new HistoryWriter(historyStore(kind)),
                        Named.as("write-history"),
                        historyStore(kind));
        var properties = new java.util.Properties();
        properties.putAll(
                Map.of(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE));
        return builder.build(properties);
    }

    /** Puts every event into its row. */
    private static final class HistoryWriter
            extends ContextualProcessor<String, byte[], Void, Void> {

        private final String storeName;

        HistoryWriter(String storeName) {
            this.storeName = storeName;
        }

        @Override
        public void process(Record<String, byte[]> record) {
            KeyValueStore<String, byte[]> history = context().getStateStore(storeName);
            long offset = context().recordMetadata().orElseThrow().offset();
            history.put(historyKey(record.key(), offset), record.value());
        }
    }
}
