package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Ranges of addresses and who holds them, as rows of a store: finds what overlaps a range by a scan
 * of what lies inside it and one of each length in use, however many ranges there are.
 */
public final class RangeIndex {

    /** A range and its holder. Two holders may hold the same range. */
    public record Held(Cidr range, String holder) {}

    private final KeyValueStore<String, byte[]> rows;
    private final String scope;

    /** The ranges of one scope; the word must not contain a blank. */
    public RangeIndex(KeyValueStore<String, byte[]> rows, String scope) {
        this.rows = rows;
        this.scope = scope;
    }

    /** Adds a range; again is the same as once. */
    public void put(Cidr range, String holder) {
        String row = row(range) + holder;
        if (rows.get(row) == null) {
            rows.put(row, new byte[0]);
            count(range, 1);
        }
    }

    /** Removes a range, if it is there. */
    public void remove(Cidr range, String holder) {
        if (rows.delete(row(range) + holder) != null) {
            count(range, -1);
        }
    }

    /** All ranges that have an address in common with this one, by address and length. */
    public List<Held> overlapping(Cidr range) {
        var found = new ArrayList<Held>();
        for (int length : lengthsBelow(range)) {
            String around = row(range.truncate(length));
            scan(around, around.substring(0, around.length() - 1) + "!", found::add);
        }
        scan(
                row(range.family(), range.address(), 0),
                row(range.family(), range.last(), range.family().bits() + 1),
                held -> {
                    if (range.contains(held.range())) {
                        found.add(held);
                    }
                });
        return found;
    }

    private void scan(String from, String to, Consumer<Held> consumer) {
        try (var inside = rows.range(from, to)) {
            inside.forEachRemaining(row -> consumer.accept(held(row.key)));
        }
    }

    /** The lengths in use that are shorter than this range's. */
    private List<Integer> lengthsBelow(Cidr range) {
        if (range.length() == 0) {
            return List.of();
        }
        var lengths = new ArrayList<Integer>();
        try (var used =
                rows.range(
                        lengthRow(range.family(), 0),
                        lengthRow(range.family(), range.length() - 1))) {
            used.forEachRemaining(row ->
                    lengths.add(
                            Integer.parseInt(row.key, row.key.length() - 3, row.key.length(), 10)));
        }
        return lengths;
    }

    private void count(Cidr range, int change) {
        String row = lengthRow(range.family(), range.length());
        byte[] bytes = rows.get(row);
        long count = (bytes == null ? 0 : ByteBuffer.wrap(bytes).getLong()) + change;
        if (count == 0) {
            rows.delete(row);
        } else {
            rows.put(row, ByteBuffer.allocate(Long.BYTES).putLong(count).array());
        }
    }

    private String lengthRow(IpFamily family, int length) {
        return "length " + scope + ' ' + family + ' ' + digits(length);
    }

    private String row(Cidr range) {
        return row(range.family(), range.address(), range.length());
    }

    /** Sorts by address, then by length. */
    private String row(IpFamily family, BigInteger address, int length) {
        String hex = address.toString(16);
        String zeros = "0".repeat(32 - hex.length());
        return "range " + scope + ' ' + family + ' ' + zeros + hex + ' ' + digits(length) + ' ';
    }

    /** Three of them, so that lengths sort as numbers. */
    private static String digits(int length) {
        return Integer.toString(1_000 + length).substring(1);
    }

    private Held held(String row) {
        String[] parts = row.substring("range ".length() + scope.length() + 1).split(" ", 4);
        var range =
                new Cidr(
                        IpFamily.valueOf(parts[0]),
                        new BigInteger(parts[1], 16),
                        Integer.parseInt(parts[2]));
        return new Held(range, parts[3]);
    }
}
