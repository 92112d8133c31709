package dev.openkcm.networking.kernel.rest;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The last offset seen of every partition, and how clients are given it: {@code 0:17,1:-1}. */
final class Positions {

    private static final Pattern TEXT =
            Pattern.compile("[0-9]{1,5}:(?:-1|[0-9]{1,18})(?:,[0-9]{1,5}:(?:-1|[0-9]{1,18}))*");
    private static final int MAX_TEXT = 100_000;
    private static final long UNKNOWN = -2;

    private final long[] offsets;

    private Positions(long[] offsets) {
        this.offsets = offsets;
    }

    static Positions unknown(int partitions) {
        long[] offsets = new long[partitions];
        Arrays.fill(offsets, UNKNOWN);
        return new Positions(offsets);
    }

    /** Empty unless the text has every partition, once. */
    static Optional<Positions> parse(String text, int partitions) {
        if (text.length() > MAX_TEXT || !TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        var read = unknown(partitions);
        String[] parts = text.split(",", -1);
        for (String part : parts) {
            int colon = part.indexOf(':');
            int partition = Integer.parseInt(part.substring(0, colon));
            if (partition >= partitions) {
                return Optional.empty();
            }
            read.offsets[partition] = Long.parseLong(part.substring(colon + 1));
        }
        return parts.length == partitions && read.complete() ? Optional.of(read) : Optional.empty();
    }

    boolean covers(int partition) {
        return partition < offsets.length;
    }

    boolean knows(int partition) {
        return offsets[partition] != UNKNOWN;
    }

    boolean complete() {
        return IntStream.range(0, offsets.length).allMatch(this::knows);
    }

    long of(int partition) {
        return offsets[partition];
    }

    Positions with(int partition, long offset) {
        long[] changed = offsets.clone();
        changed[partition] = offset;
        return new Positions(changed);
    }

    /** The farther one of every partition. */
    Positions max(Positions other) {
        long[] farther = offsets.clone();
        Arrays.setAll(farther, p -> Math.max(farther[p], other.offsets[p]));
        return new Positions(farther);
    }

    /** Whether this is nowhere behind the other. */
    boolean reaches(Positions other) {
        return IntStream.range(0, offsets.length).allMatch(p -> offsets[p] >= other.offsets[p]);
    }

    @Override
    public String toString() {
        return IntStream.range(0, offsets.length)
                .mapToObj(p -> p + ":" + offsets[p])
                .collect(Collectors.joining(","));
    }
}
