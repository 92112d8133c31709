package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.network.domain.IdOffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The ids of one partition: those of the range that are congruent to it, so that partitions never
 * have to agree on anything and a Network has its id in the transaction that creates it.
 *
 * <p>Next fit: the search goes on behind the last id given. Ids of deleted Networks rest in
 * quarantine. Networks that found nothing free are served in the order in which they came.
 */
final class IdPool {

    /** An id for a Network that waits for one. */
    record Grant(ResourceKey network, int id) {}

    private static final String USE = "use";
    private static final String REST = "rest ";

    /**
     * How far the range is used.
     *
     * @param next where the search for a free id goes on
     * @param taken how many ids are assigned or in quarantine
     * @param waiting how many Networks wait for an id
     */
    private record Use(int next, int taken, int waiting) {

        byte[] toBytes() {
            return ByteBuffer.allocate(3 * Integer.BYTES)
                    .putInt(next)
                    .putInt(taken)
                    .putInt(waiting)
                    .array();
        }

        static Use fromBytes(byte[] bytes) {
            var row = ByteBuffer.wrap(bytes);
            return new Use(row.getInt(), row.getInt(), row.getInt());
        }
    }

    private final KeyValueStore<String, byte[]> rows;
    private final IdRange range;
    private final int first;
    private final int step;
    private final int capacity;

    /** No quarantine ends before this; at first it is not known. */
    private long nextEnd;

    /** As in its row; every Network asks for it. */
    private Use use;

    IdPool(KeyValueStore<String, byte[]> rows, IdRange range, int partition, int partitions) {
        this.rows = rows;
        this.range = range;
        this.first = range.min() + partition;
        this.step = partitions;
        this.capacity = first > range.max() ? 0 : (range.max() - first) / step + 1;
        byte[] row = rows.get(USE);
        this.use = row == null ? new Use(first, 0, 0) : Use.fromBytes(row);
    }

    /** The next free id; it stays free until it is {@linkplain #assigned assigned}. */
    IdOffer offer(Instant now) {
        endQuarantines(now);
        if (use.taken >= capacity) {
            return new IdOffer.Exhausted(
                    "all %d ids of this partition's share of %d..%d are taken or in quarantine"
                            .formatted(capacity, range.min(), range.max()));
        }
        int id = use.next;
        while (rows.get(idRow(id)) != null) {
            id = after(id);
        }
        return new IdOffer.Free(id);
    }

    private int after(int id) {
        return id + step > range.max() ? first : id + step;
    }

    void assigned(int id, ResourceKey network) {
        rows.put(idRow(id), network.toString().getBytes(StandardCharsets.UTF_8));
        save(new Use(after(id), use.taken + 1, use.waiting));
        noLongerAwaited(network);
    }

    void released(int id, Instant now) {
        long until = now.plus(range.quarantine()).toEpochMilli();
        rows.put(quarantineRow(until, id), new byte[0]);
        nextEnd = Math.min(nextEnd, until);
    }

    private void endQuarantines(Instant now) {
        if (now.toEpochMilli() < nextEnd) {
            return;
        }
        var ended = new ArrayList<String>();
        nextEnd = Long.MAX_VALUE;
        try (var resting = rows.range(REST, "rest!")) {
            while (resting.hasNext() && nextEnd == Long.MAX_VALUE) {
                String row = resting.next().key;
                long end = HexFormat.fromHexDigitsToLong(row, REST.length(), REST.length() + 16);
                if (end <= now.toEpochMilli()) {
                    ended.add(row);
                } else {
                    nextEnd = end;
                }
            }
        }
        for (String row : ended) {
            rows.delete(row);
            rows.delete("id " + row.substring(row.length() - 8));
        }
        if (!ended.isEmpty()) {
            save(new Use(use.next, use.taken - ended.size(), use.waiting));
        }
    }

    void awaited(ResourceKey network, Instant since) {
        String row = "wait %016x %s".formatted(since.toEpochMilli(), network);
        rows.put(row, new byte[0]);
        rows.put("waits " + network, row.getBytes(StandardCharsets.UTF_8));
        save(new Use(use.next, use.taken, use.waiting + 1));
    }

    void noLongerAwaited(ResourceKey network) {
        byte[] row = use.waiting == 0 ? null : rows.delete("waits " + network);
        if (row != null) {
            rows.delete(new String(row, StandardCharsets.UTF_8));
            save(new Use(use.next, use.taken, use.waiting - 1));
        }
    }

    /** An id for the Network that waits longest, when one is free. */
    Optional<Grant> due(Instant now) {
        if (use.waiting == 0) {
            return Optional.empty();
        }
        String oldest;
        try (var waiting = rows.range("wait ", "wait!")) {
            if (!waiting.hasNext()) {
                return Optional.empty();
            }
            oldest = waiting.next().key;
        }
        var network = ResourceKey.parse(oldest.substring("wait 0123456789abcdef ".length()));
        return offer(now) instanceof IdOffer.Free(int id)
                ? Optional.of(new Grant(network, id))
                : Optional.empty();
    }

    private static String idRow(int id) {
        return "id " + HexFormat.of().toHexDigits(id);
    }

    private static String quarantineRow(long until, int id) {
        return REST + HexFormat.of().toHexDigits(until) + " " + HexFormat.of().toHexDigits(id);
    }

    private void save(Use now) {
        use = now;
        rows.put(USE, now.toBytes());
    }
}
