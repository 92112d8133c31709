package dev.openkcm.networking.kernel.selector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Small numbers for values, each valid while somebody holds it; numbers given back are used again,
 * so that arrays indexed by them stay as long as what they describe.
 */
final class Interner<T> {

    private static final int SMALLEST = 16;

    private @Nullable Object[] values = new @Nullable Object[SMALLEST];
    private int[] holders = new int[SMALLEST];

    /**
     * By the hash of the value: the hash above, below it the number plus one. Zero is a free slot.
     * With the hash at hand, only a value that is found is touched: the others are far away.
     */
    private long[] table = new long[2 * SMALLEST];

    private int[] free = {};
    private int freed;
    private int issued;

    /** How many values are held. */
    int size() {
        return issued - freed;
    }

    /** The number of the value, or −1 when nobody holds it. */
    int find(T value) {
        return number(table[slot(value, value.hashCode())]);
    }

    /** The number of the value, held once more. */
    int hold(T value) {
        int hash = value.hashCode();
        int slot = slot(value, hash);
        if (table[slot] != 0) {
            int known = number(table[slot]);
            holders[known]++;
            return known;
        }
        int number = freed > 0 ? free[--freed] : issued++;
        if (number == values.length) {
            values = Arrays.copyOf(values, grown(number));
            holders = Arrays.copyOf(holders, values.length);
        }
        values[number] = value;
        holders[number] = 1;
        table[slot] = ((long) hash << 32) | (number + 1);
        if (2 * size() > table.length) {
            rehash(2 * table.length);
        }
        return number;
    }

    /** Gives up one hold; true when it was the last. */
    boolean release(int number) {
        if (--holders[number] > 0) {
            return false;
        }
        unlink(slot(value(number), value(number).hashCode()));
        values[number] = null;
        if (freed == free.length) {
            free = Arrays.copyOf(free, grown(freed));
        }
        free[freed++] = number;
        return true;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // A number is only asked for while it is held.
    T value(int number) {
        return (T) values[number];
    }

    /** Room for at least one more, with an eighth to spare: there may be millions. */
    static int grown(int length) {
        return Math.max(SMALLEST, length + (length >> 3) + 1);
    }

    private int slot(T value, int hash) {
        int mask = table.length - 1;
        int i = home(hash);
        while (table[i] != 0
                && (hash(table[i]) != hash || !value(number(table[i])).equals(value))) {
            i = (i + 1) & mask;
        }
        return i;
    }

    private void unlink(int slot) {
        int mask = table.length - 1;
        int gap = slot;
        for (int i = (gap + 1) & mask; table[i] != 0; i = (i + 1) & mask) {
            if (((i - home(hash(table[i]))) & mask) >= ((i - gap) & mask)) {
                table[gap] = table[i];
                gap = i;
            }
        }
        table[gap] = 0;
    }

    private void rehash(int length) {
        long[] old = table;
        table = new long[length];
        int mask = length - 1;
        for (long entry : old) {
            if (entry != 0) {
                int i = home(hash(entry));
                while (table[i] != 0) {
                    i = (i + 1) & mask;
                }
                table[i] = entry;
            }
        }
    }

    private static int hash(long entry) {
        return (int) (entry >>> 32);
    }

    private static int number(long entry) {
        return (int) entry - 1;
    }

    private int home(int hash) {
        return (hash * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(table.length - 1);
    }
}
