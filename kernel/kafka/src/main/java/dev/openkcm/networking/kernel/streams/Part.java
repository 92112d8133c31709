package dev.openkcm.networking.kernel.streams;

import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A part of a store, by the first word of its keys. An application has one store whatever it keeps:
 * each store is a database to open and to restore, a changelog, and in every commit a marker for
 * each partition of it.
 *
 * <p>Its life is that of the store, which Streams opens, flushes and closes.
 */
public final class Part implements KeyValueStore<String, byte[]> {

    private final KeyValueStore<String, byte[]> whole;
    private final String first;
    private final String end;

    private Part(KeyValueStore<String, byte[]> whole, String word) {
        this.whole = whole;
        this.first = word + " ";
        this.end = word + "!";
    }

    /**
     * The part of a store of rows with this name.
     *
     * @param word without a blank; all keys of the part begin with it and a blank
     */
    public static KeyValueStore<String, byte[]> of(
            KeyValueStore<String, byte[]> whole, String word) {
        return new Part(whole, word);
    }

    @Override
    public byte @Nullable [] get(String key) {
        return whole.get(first + key);
    }

    @Override
    public void put(String key, byte @Nullable [] value) {
        whole.put(first + key, value);
    }

    @Override
    public byte @Nullable [] putIfAbsent(String key, byte @Nullable [] value) {
        return whole.putIfAbsent(first + key, value);
    }

    @Override
    public void putAll(List<KeyValue<String, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte @Nullable [] delete(String key) {
        return whole.delete(first + key);
    }

    @Override
    public KeyValueIterator<String, byte[]> range(@Nullable String from, @Nullable String to) {
        return new Rows(
                whole.range(first + (from == null ? "" : from), to == null ? end : first + to));
    }

    @Override
    public KeyValueIterator<String, byte[]> all() {
        return range(null, null);
    }

    @Override
    public long approximateNumEntries() {
        return whole.approximateNumEntries();
    }

    @Override
    public String name() {
        return whole.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        throw new UnsupportedOperationException("a part is opened with its store");
    }

    @Override
    public void flush() {
        whole.flush();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("a part is closed with its store");
    }

    @Override
    public boolean persistent() {
        return whole.persistent();
    }

    @Override
    public boolean isOpen() {
        return whole.isOpen();
    }

    /** Rows without the word that they begin with. */
    private final class Rows implements KeyValueIterator<String, byte[]> {

        private final KeyValueIterator<String, byte[]> rows;

        Rows(KeyValueIterator<String, byte[]> rows) {
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public KeyValue<String, byte[]> next() {
            var row = rows.next();
            return KeyValue.pair(row.key.substring(first.length()), row.value);
        }

        @Override
        public String peekNextKey() {
            return rows.peekNextKey().substring(first.length());
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
