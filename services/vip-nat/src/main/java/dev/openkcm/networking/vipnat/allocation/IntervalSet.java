package dev.openkcm.networking.vipnat.allocation;

import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of numbers as the runs that they form, so that the next number that is not in it is found
 * in logarithmic time, however long the runs are.
 */
final class IntervalSet {

    private final TreeMap<BigInteger, BigInteger> runs = new TreeMap<>();

    boolean contains(BigInteger number) {
        var run = runs.floorEntry(number);
        return run != null && run.getValue().compareTo(number) >= 0;
    }

    void add(BigInteger number) {
        if (contains(number)) {
            return;
        }
        var first = number;
        var last = number;
        var before = runs.floorEntry(number);
        if (before != null && before.getValue().add(BigInteger.ONE).equals(number)) {
            first = before.getKey();
        }
        var after = runs.get(number.add(BigInteger.ONE));
        if (after != null) {
            runs.remove(number.add(BigInteger.ONE));
            last = after;
        }
        runs.put(first, last);
    }

    void remove(BigInteger number) {
        Map.Entry<BigInteger, BigInteger> run = runs.floorEntry(number);
        if (run == null || run.getValue().compareTo(number) < 0) {
            return;
        }
        if (run.getKey().equals(number)) {
            runs.remove(number);
        } else {
            runs.put(run.getKey(), number.subtract(BigInteger.ONE));
        }
        if (run.getValue().compareTo(number) > 0) {
            runs.put(number.add(BigInteger.ONE), run.getValue());
        }
    }

    /** The least number from {@code first} to {@code last}, both included, that is not in it. */
    @Nullable BigInteger firstMissing(BigInteger first, BigInteger last) {
        var run = runs.floorEntry(first);
        var missing =
                run != null && run.getValue().compareTo(first) >= 0
                        ? run.getValue().add(BigInteger.ONE)
                        : first;
        return missing.compareTo(last) <= 0 ? missing : null;
    }
}
