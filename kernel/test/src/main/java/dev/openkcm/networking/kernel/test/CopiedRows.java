package dev.openkcm.networking.kernel.test;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** A store of rows that can be copied, as a model needs that goes several ways from one state. */
public final class CopiedRows implements KeyValueStore<String, byte[]> {

    private final String name;
    private final NavigableMap<String, byte[]> rows;

    public CopiedRows(String name) {
        this(name, new TreeMap<>());
    }

    private CopiedRows(String name, NavigableMap<String, byte[]> rows) {
        this.name = name;
        this.rows = rows;
    }

    public CopiedRows copy() {
        return new CopiedRows(name, new TreeMap<>(rows));
    }

    /** Everything in it. */
    public String fingerprint() {
        var text = new StringBuilder();
        rows.forEach((key, value) ->
                text.append(key).append('=').append(HexFormat.of().formatHex(value)).append(' '));
        return text.toString();
    }

    /** The rows whose keys begin so, with their values as text. */
    public Map<String, String> startingWith(String prefix) {
        var found = new TreeMap<String, String>();
        rows.subMap(prefix, prefix + Character.MAX_VALUE)
                .forEach((key, value) -> found.put(key, new String(value, StandardCharsets.UTF_8)));
        return found;
    }

    @Override
    @SuppressWarnings("NullAway") // Absent rows are null; the interface does not say so.
    public byte[] get(String key) {
        return rows.get(key);
    }

    @Override
    public void put(String key, byte @Nullable [] value) {
        if (value == null) {
            rows.remove(key);
        } else {
            rows.put(key, value);
        }
    }

    @Override
    @SuppressWarnings("NullAway")
    public byte[] putIfAbsent(String key, byte[] value) {
        return rows.putIfAbsent(key, value);
    }

    @Override
    public void putAll(List<KeyValue<String, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    @SuppressWarnings("NullAway")
    public byte[] delete(String key) {
        return rows.remove(key);
    }

    @Override
    public KeyValueIterator<String, byte[]> range(@Nullable String from, @Nullable String to) {
        var range = from == null ? rows : rows.tailMap(from, true);
        return iterator(to == null ? range : range.headMap(to, true));
    }

    @Override
    public KeyValueIterator<String, byte[]> all() {
        return iterator(rows);
    }

    private static KeyValueIterator<String, byte[]> iterator(Map<String, byte[]> rows) {
        Iterator<Map.Entry<String, byte[]>> entries = new TreeMap<>(rows).entrySet().iterator();
        return new KeyValueIterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public KeyValue<String, byte[]> next() {
                var entry = entries.next();
                return KeyValue.pair(entry.getKey(), entry.getValue());
            }

            @Override
            public String peekNextKey() {
                throw new UnsupportedOperationException("nobody peeks");
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public long approximateNumEntries() {
        return rows.size();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {}

    @Override
    @SuppressWarnings("deprecation") // Abstract in this version of Kafka Streams.
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
