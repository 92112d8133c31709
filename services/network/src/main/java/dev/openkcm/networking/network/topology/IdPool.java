package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.network.domain.IdOffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
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

    private static final String NEXT = "next";
    private static final String ID = "id ";
    private static final String REST = "rest ";

    /**
     * How many ids are given before it is written down where the search goes on: after a restart it
     * goes on there, behind ids that are taken by then.
     */
    private static final int GIVEN_AT_ONCE = 64;

    private final KeyValueStore<String, byte[]> rows;
    private final IdRange range;
    private final int first;
    private final int step;
    private final int capacity;

    /** By place in the slice, ids that are assigned or in quarantine. */
    private final BitSet taken = new BitSet();

    private int takenCount;

    /** How many Networks wait for an id. */
    private int waiting;

    /** The place where the search for a free id goes on. */
    private int next;

    /** No quarantine ends before this; at first it is not known. */
    private long nextEnd;

    IdPool(KeyValueStore<String, byte[]> rows, IdRange range, int partition, int partitions) {
        this.rows = rows;
        this.range = range;
        this.first = range.min() + partition;
        this.step = partitions;
        this.capacity = first > range.max() ? 0 : (range.max() - first) / step + 1;
        load();
    }

    /** What every Network asks for is in memory; the rows are there for the next start. */
    private void load() {
        byte[] row = rows.get(NEXT);
        next = row == null ? 0 : ByteBuffer.wrap(row).getInt();
        try (var ids = rows.range(ID, "id!")) {
            while (ids.hasNext()) {
                int id = HexFormat.fromHexDigits(ids.next().key, ID.length(), ID.length() + 8);
                if (isOfSlice(id)) {
                    taken.set(place(id));
                }
            }
        }
        takenCount = taken.cardinality();
        try (var waits = rows.range("waits ", "waits!")) {
            waits.forEachRemaining(_ -> waiting++);
        }
    }

    /** Not so when the range was another one when the id was given. */
    private boolean isOfSlice(int id) {
        return id >= first && id <= range.max() && (id - first) % step == 0;
    }

    private int place(int id) {
        return (id - first) / step;
    }

    /** The next free id; it stays free until it is {@linkplain #assigned assigned}. */
    IdOffer offer(Instant now) {
        endQuarantines(now);
        if (takenCount >= capacity) {
            return new IdOffer.Exhausted(
                    "all %d ids of this partition's share of %d..%d are taken or in quarantine"
                            .formatted(capacity, range.min(), range.max()));
        }
        int place = taken.nextClearBit(next);
        return new IdOffer.Free(first + step * (place < capacity ? place : taken.nextClearBit(0)));
    }

    void assigned(int id, ResourceKey network) {
        rows.put(idRow(id), network.toString().getBytes(StandardCharsets.UTF_8));
        taken.set(place(id));
        takenCount++;
        next = (place(id) + 1) % capacity;
        if (takenCount % GIVEN_AT_ONCE == 0) {
            rows.put(NEXT, ByteBuffer.allocate(Integer.BYTES).putInt(next).array());
        }
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
            free(HexFormat.fromHexDigits(row, row.length() - 8, row.length()));
        }
    }

    private void free(int id) {
        rows.delete(idRow(id));
        if (isOfSlice(id)) {
            taken.clear(place(id));
            takenCount--;
        }
    }

    void awaited(ResourceKey network, Instant since) {
        String row = "wait " + HexFormat.of().toHexDigits(since.toEpochMilli()) + ' ' + network;
        rows.put(row, new byte[0]);
        rows.put("waits " + network, row.getBytes(StandardCharsets.UTF_8));
        waiting++;
    }

    void noLongerAwaited(ResourceKey network) {
        byte[] row = waiting == 0 ? null : rows.delete("waits " + network);
        if (row != null) {
            rows.delete(new String(row, StandardCharsets.UTF_8));
            waiting--;
        }
    }

    /** An id for the Network that waits longest, when one is free. */
    Optional<Grant> due(Instant now) {
        if (waiting == 0) {
            return Optional.empty();
        }
        String oldest;
        try (var waits = rows.range("wait ", "wait!")) {
            if (!waits.hasNext()) {
                return Optional.empty();
            }
            oldest = waits.next().key;
        }
        var network = ResourceKey.parse(oldest.substring("wait 0123456789abcdef ".length()));
        return offer(now) instanceof IdOffer.Free(int id)
                ? Optional.of(new Grant(network, id))
                : Optional.empty();
    }

    private static String idRow(int id) {
        return ID + HexFormat.of().toHexDigits(id);
    }

    private static String quarantineRow(long until, int id) {
        return REST + HexFormat.of().toHexDigits(until) + " " + HexFormat.of().toHexDigits(id);
    }
}
