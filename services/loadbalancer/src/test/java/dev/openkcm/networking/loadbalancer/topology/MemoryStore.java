package dev.openkcm.networking.loadbalancer.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** A store without Kafka Streams around it, which counts. */
final class MemoryStore implements KeyValueStore<String, byte[]> {

    private final Map<String, byte[]> rows = new HashMap<>();

    private long reads;
    private long writes;

    long reads() {
        return reads;
    }

    long writes() {
        return writes;
    }

    void clear() {
        rows.clear();
    }

    @Override
    public byte[] get(String key) {
        reads++;
        return rows.get(key);
    }

    @Override
    public void put(String key, byte[] value) {
        writes++;
        if (value == null) {
            rows.remove(key);
        } else {
            rows.put(key, value);
        }
    }

    @Override
    public byte[] putIfAbsent(String key, byte[] value) {
        return rows.putIfAbsent(key, value);
    }

    @Override
    public void putAll(List<KeyValue<String, byte[]>> entries) {
        entries.forEach(e -> put(e.key, e.value));
    }

    @Override
    public byte[] delete(String key) {
        writes++;
        return rows.remove(key);
    }

    @Override
    public KeyValueIterator<String, byte[]> range(String from, String to) {
        var inside = new TreeMap<String, byte[]>();
        rows.forEach((key, value) -> {
            if (key.compareTo(from) >= 0 && key.compareTo(to) <= 0) {
                inside.put(key, value);
            }
        });
        return iterator(inside);
    }

    @Override
    public KeyValueIterator<String, byte[]> all() {
        return iterator(new TreeMap<>(rows));
    }

    private static KeyValueIterator<String, byte[]> iterator(Map<String, byte[]> rows) {
        var entries = new ArrayList<KeyValue<String, byte[]>>();
        rows.forEach((key, value) -> entries.add(KeyValue.pair(key, value)));
        return new RowIterator(entries.iterator());
    }

    private record RowIterator(Iterator<KeyValue<String, byte[]>> rows)
            implements KeyValueIterator<String, byte[]> {

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public KeyValue<String, byte[]> next() {
            return rows.next();
        }

        @Override
        public String peekNextKey() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    @Override
    public long approximateNumEntries() {
        return rows.size();
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {}

    @Override
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
