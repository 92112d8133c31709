package dev.openkcm.networking.kernel.streams;

import java.util.HexFormat;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * What REST reads: the committed state and the committed history of the resources of one kind.
 *
 * <p>The application can be reset at any time. Its table of resources is restored from the state
 * topic, its history from the events topic, so it writes nothing to Kafka; rows of the history are
 * written again with the same bytes when records are read twice.
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
        return key + " " + HexFormat.of().toHexDigits(offset);
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
        var topology = new Topology();
        topology.addReadOnlyStateStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(resourcesStore(kind)),
                                Serdes.String(),
                                Serdes.ByteArray())
                        .withLoggingDisabled(),
                "resources",
                RecordKeys.of(kind),
                new ByteArrayDeserializer(),
                kind.state(),
                "keep",
                () -> new Keeper(resourcesStore(kind), seen));
        topology.addReadOnlyStateStore(
                HistoryStore.builder(historyStore(kind), RecordKeys.of(kind)),
                "events",
                RecordKeys.of(kind),
                new ByteArrayDeserializer(),
                kind.events(),
                "write-history",
                () -> new HistoryWriter(historyStore(kind)));
        return topology;
    }

    /** Keeps the last state of every resource. */
    private static final class Keeper extends ContextualProcessor<String, byte[], Void, Void> {

        private final String storeName;
        private final BiConsumer<String, byte @Nullable []> seen;

        Keeper(String storeName, BiConsumer<String, byte @Nullable []> seen) {
            this.storeName = storeName;
            this.seen = seen;
        }

        @Override
        public void process(Record<String, byte[]> record) {
            KeyValueStore<String, byte[]> resources = context().getStateStore(storeName);
            resources.put(record.key(), record.value());
            seen.accept(record.key(), record.value());
        }
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
