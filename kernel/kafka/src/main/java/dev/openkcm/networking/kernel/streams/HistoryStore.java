package dev.openkcm.networking.kernel.streams;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A row per event, on disk. The events topic is its changelog: it is kept for ever, and has all
 * that a changelog would repeat.
 *
 * <p>A changelog has the key of the row, an event that of the resource; the offset makes a row of
 * it. Of the callbacks that restore a store only Streams' internal one is told offsets.
 */
final class HistoryStore implements KeyValueStore<String, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(HistoryStore.class);

    private final KeyValueStore<Bytes, byte[]> rows;
    private final RecordKeys keys;

    private HistoryStore(String name, RecordKeys keys) {
        this.keys = keys;
        this.rows = Stores.persistentKeyValueStore(name).get();
    }

    /** Makes the store of this name, for a source that is its changelog. */
    static StoreBuilder<HistoryStore> builder(String name, RecordKeys keys) {
        return new Builder(name, keys);
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        rows.init(new RestoringByOffset(context, this::restore), root);
    }

    private void restore(Collection<ConsumerRecord<byte[], byte[]>> events) {
        var restored = new ArrayList<KeyValue<Bytes, byte[]>>(events.size());
        for (var event : events) {
            try {
                String key = keys.deserialize(event.topic(), event.key());
                restored.add(
                        KeyValue.pair(
                                row(ViewTopology.historyKey(key, event.offset())), event.value()));
            } catch (SerializationException nobodys) {
                LOG.error(
                        "The event at {}-{}-{} is set aside",
                        event.topic(),
                        event.partition(),
                        event.offset(),
                        nobodys);
            }
        }
        rows.putAll(restored);
    }

    private static Bytes row(String key) {
        return Bytes.wrap(key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public byte @Nullable [] get(String key) {
        return rows.get(row(key));
    }

    @Override
    public void put(String key, byte[] value) {
        rows.put(row(key), value);
    }

    @Override
    public byte @Nullable [] putIfAbsent(String key, byte[] value) {
        return rows.putIfAbsent(row(key), value);
    }

    @Override
    public void putAll(List<KeyValue<String, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte @Nullable [] delete(String key) {
        return rows.delete(row(key));
    }

    @Override
    public KeyValueIterator<String, byte[]> range(@Nullable String from, @Nullable String to) {
        return new Rows(rows.range(from == null ? null : row(from), to == null ? null : row(to)));
    }

    @Override
    public KeyValueIterator<String, byte[]> all() {
        return new Rows(rows.all());
    }

    @Override
    public long approximateNumEntries() {
        return rows.approximateNumEntries();
    }

    @Override
    public String name() {
        return rows.name();
    }

    @Override
    public void flush() {
        rows.flush();
    }

    @Override
    public void close() {
        rows.close();
    }

    @Override
    public boolean persistent() {
        return rows.persistent();
    }

    @Override
    public boolean isOpen() {
        return rows.isOpen();
    }

    private record Rows(KeyValueIterator<Bytes, byte[]> rows)
            implements KeyValueIterator<String, byte[]> {

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public KeyValue<String, byte[]> next() {
            var row = rows.next();
            return KeyValue.pair(text(row.key), row.value);
        }

        @Override
        public String peekNextKey() {
            return text(rows.peekNextKey());
        }

        private static String text(Bytes key) {
            return new String(key.get(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            rows.close();
        }
    }

    private record Builder(String name, RecordKeys keys) implements StoreBuilder<HistoryStore> {

        @Override
        public HistoryStore build() {
            return new HistoryStore(name, keys);
        }

        @Override
        public StoreBuilder<HistoryStore> withCachingEnabled() {
            throw new UnsupportedOperationException("rows are written once");
        }

        @Override
        public StoreBuilder<HistoryStore> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<HistoryStore> withLoggingEnabled(Map<String, String> config) {
            throw new UnsupportedOperationException("the events topic is the changelog");
        }

        @Override
        public StoreBuilder<HistoryStore> withLoggingDisabled() {
            return this;
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }
    }

    /** What the store within is opened with: everything is the task's but how it is restored. */
    private record RestoringByOffset(
            StateStoreContext task, RecordBatchingStateRestoreCallback restore)
            implements StateStoreContext {

        @Override
        public void register(StateStore store, StateRestoreCallback ofBytes) {
            task.register(store, restore);
        }

        @Override
        public void register(
                StateStore store, StateRestoreCallback ofBytes, CommitCallback committed) {
            task.register(store, restore, committed);
        }

        @Override
        public String applicationId() {
            return task.applicationId();
        }

        @Override
        public TaskId taskId() {
            return task.taskId();
        }

        @Override
        public Optional<RecordMetadata> recordMetadata() {
            return task.recordMetadata();
        }

        @Override
        public Serde<?> keySerde() {
            return task.keySerde();
        }

        @Override
        public Serde<?> valueSerde() {
            return task.valueSerde();
        }

        @Override
        public File stateDir() {
            return task.stateDir();
        }

        @Override
        public StreamsMetrics metrics() {
            return task.metrics();
        }

        @Override
        public Map<String, Object> appConfigs() {
            return task.appConfigs();
        }

        @Override
        public Map<String, Object> appConfigsWithPrefix(String prefix) {
            return task.appConfigsWithPrefix(prefix);
        }
    }
}
