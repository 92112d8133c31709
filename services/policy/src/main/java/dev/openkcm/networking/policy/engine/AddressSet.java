package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses of both families, as ranges that are sorted and neither overlap nor touch. */
public final class AddressSet {

    /** From the first to the last address, both included. */
    record Range(Address first, Address last) {}

    static final AddressSet EMPTY = new AddressSet(List.of());

    private final Range[] ranges;

    private AddressSet(List<Range> sorted) {
        this.ranges = sorted.toArray(Range[]::new);
    }

    public static AddressSet of(Collection<Cidr> cidrs) {
        var all = new ArrayList<Range>(cidrs.size());
        cidrs.forEach(c -> all.add(new Range(Address.firstOf(c), Address.lastOf(c))));
        return ofRanges(all);
    }

    static AddressSet ofRanges(Collection<Range> some) {
        var sorted = new ArrayList<>(some);
        sorted.sort((a, b) -> a.first.compareTo(b.first));
        var merged = new ArrayList<Range>(sorted.size());
        for (var range : sorted) {
            var last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && touches(last, range)) {
                if (range.last.compareTo(last.last) > 0) {
                    merged.set(merged.size() - 1, new Range(last.first, range.last));
                }
            } else {
                merged.add(range);
            }
        }
        return new AddressSet(merged);
    }

    private static boolean touches(Range before, Range range) {
        return range.first.compareTo(before.last) <= 0
                || (range.first.family() == before.last.family()
                        && !before.last.equals(Address.last(before.last.family()))
                        && before.last.next().equals(range.first));
    }

    public boolean isEmpty() {
        return ranges.length == 0;
    }

    List<Range> ranges() {
        return List.of(ranges);
    }

    public boolean contains(Address address) {
        int low = 0;
        int high = ranges.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (address.compareTo(ranges[middle].first) < 0) {
                high = middle - 1;
            } else if (address.compareTo(ranges[middle].last) > 0) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /** What is in this set and not in the other. */
    public AddressSet minus(AddressSet other) {
        var left = new ArrayList<Range>();
        int at = 0;
        for (var range : ranges) {
            @Nullable Address from = range.first;
            while (at < other.ranges.length && other.ranges[at].last.compareTo(range.first) < 0) {
                at++;
            }
            for (int i = at; from != null && i < other.ranges.length; i++) {
                var hole = other.ranges[i];
                if (hole.first.compareTo(range.last) > 0) {
                    break;
                }
                if (hole.first.compareTo(from) > 0) {
                    left.add(new Range(from, hole.first.previous()));
                }
                from = hole.last.compareTo(range.last) < 0 ? hole.last.next() : null;
            }
            if (from != null) {
                left.add(new Range(from, range.last));
            }
        }
        return new AddressSet(left);
    }

    /** The fewest ranges in CIDR notation that make up the set, in order. */
    public List<Cidr> cidrs() {
        var cidrs = new ArrayList<Cidr>();
        for (var range : ranges) {
            var family = range.first.family();
            var from = range.first.number();
            var end = range.last.number();
            while (from.compareTo(end) <= 0) {
                int aligned = from.signum() == 0 ? family.bits() : from.getLowestSetBit();
                int fits = end.subtract(from).add(BigInteger.ONE).bitLength() - 1;
                int bits = Math.min(Math.min(aligned, fits), family.bits());
                cidrs.add(new Cidr(family, from, family.bits() - bits));
                from = from.add(BigInteger.ONE.shiftLeft(bits));
            }
        }
        return cidrs;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AddressSet set && ranges().equals(set.ranges());
    }

    @Override
    public int hashCode() {
        return ranges().hashCode();
    }

    @Override
    public String toString() {
        return cidrs().toString();
    }
}
