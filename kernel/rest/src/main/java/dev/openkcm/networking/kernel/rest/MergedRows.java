package dev.openkcm.networking.kernel.rest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The rows of several partitions by key. A store over all of them has the rows of one partition
 * after those of another: whoever stops at a limit there, and goes on behind the last key, leaves
 * out what the other partitions have before it.
 */
final class MergedRows implements Iterator<KeyValue<String, byte[]>>, AutoCloseable {

    private record Head(KeyValue<String, byte[]> row, KeyValueIterator<String, byte[]> followers) {}

    private final List<KeyValueIterator<String, byte[]>> all = new ArrayList<>();
    private final PriorityQueue<Head> heads =
            new PriorityQueue<>(Comparator.comparing(head -> head.row().key));

    /**
     * @param from the first key; null for the first there is
     * @param to the last key; null for the last there is
     */
    MergedRows(
            List<ReadOnlyKeyValueStore<String, byte[]>> partitions,
            @Nullable String from,
            @Nullable String to) {
        try {
            for (var partition : partitions) {
                var rows = partition.range(from, to);
                all.add(rows);
                advance(rows);
            }
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Past rows that were deleted since the iterator was made. */
    private void advance(KeyValueIterator<String, byte[]> rows) {
        while (rows.hasNext()) {
            var row = rows.next();
            if (row.value != null) {
                heads.add(new Head(row, rows));
                return;
            }
        }
    }

    @Override
    public boolean hasNext() {
        return !heads.isEmpty();
    }

    @Override
    public KeyValue<String, byte[]> next() {
        var head = heads.poll();
        if (head == null) {
            throw new NoSuchElementException();
        }
        advance(head.followers());
        return head.row();
    }

    @Override
    public void close() {
        all.forEach(KeyValueIterator::close);
    }
}
