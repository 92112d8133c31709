package dev.openkcm.networking.policy.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Destination ports of all protocols, as ranges that are sorted and neither overlap nor touch. A
 * port is one number, the protocol's place times 65536 plus the port; port 0 is never used, so that
 * protocols do not touch.
 */
public final class PortSet {

    public static final int LAST = 65535;

    /** Ports of one protocol, both ends included. */
    public record Range(Protocol protocol, int first, int last) {
        @Override
        public String toString() {
            if (first == 1 && last == LAST) {
                return protocol + " all ports";
            }
            return first == last
                    ? "%s %d".formatted(protocol, first)
                    : "%s %d-%d".formatted(protocol, first, last);
        }
    }

    public static final PortSet NONE = new PortSet(new int[0]);
    public static final PortSet ALL =
            of(Arrays.stream(Protocol.values()).map(p -> new Range(p, 1, LAST)).toList());

    /** First and last of each range, one after the other. */
    private final int[] bounds;

    private PortSet(int[] bounds) {
        this.bounds = bounds;
    }

    public static PortSet of(Collection<Range> ranges) {
        var sorted = new ArrayList<int[]>(ranges.size());
        for (var range : ranges) {
            sorted.add(
                    new int[] {
                        number(range.protocol, range.first), number(range.protocol, range.last)
                    });
        }
        sorted.sort((a, b) -> Integer.compare(a[0], b[0]));
        int[] bounds = new int[2 * sorted.size()];
        int count = 0;
        for (int[] range : sorted) {
            if (count > 0 && range[0] <= bounds[count - 1] + 1) {
                bounds[count - 1] = Math.max(bounds[count - 1], range[1]);
            } else {
                bounds[count++] = range[0];
                bounds[count++] = range[1];
            }
        }
        return new PortSet(Arrays.copyOf(bounds, count));
    }

    /** A port of a protocol as one number. */
    public static int number(Protocol protocol, int port) {
        return (protocol.place() << 16) + port;
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    public boolean contains(Protocol protocol, int port) {
        return contains(number(protocol, port));
    }

    boolean contains(int number) {
        int low = 0;
        int high = bounds.length / 2 - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (number < bounds[2 * middle]) {
                high = middle - 1;
            } else if (number > bounds[2 * middle + 1]) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    public PortSet union(PortSet other) {
        if (other.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        var all = new ArrayList<>(ranges());
        all.addAll(other.ranges());
        return of(all);
    }

    public PortSet minus(PortSet other) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        int[] left = new int[bounds.length + other.bounds.length];
        int count = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            int from = bounds[i];
            for (int j = 0; j < other.bounds.length && from <= bounds[i + 1]; j += 2) {
                if (other.bounds[j + 1] < from || other.bounds[j] > bounds[i + 1]) {
                    continue;
                }
                if (other.bounds[j] > from) {
                    left[count++] = from;
                    left[count++] = other.bounds[j] - 1;
                }
                from = other.bounds[j + 1] + 1;
            }
            if (from <= bounds[i + 1]) {
                left[count++] = from;
                left[count++] = bounds[i + 1];
            }
        }
        return new PortSet(Arrays.copyOf(left, count));
    }

    public PortSet intersect(PortSet other) {
        return minus(minus(other));
    }

    public List<Range> ranges() {
        var ranges = new ArrayList<Range>(bounds.length / 2);
        for (int i = 0; i < bounds.length; i += 2) {
            var protocol = Protocol.at(bounds[i] >> 16);
            ranges.add(new Range(protocol, bounds[i] & LAST, bounds[i + 1] & LAST));
        }
        return ranges;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PortSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        return ranges().toString();
    }
}
