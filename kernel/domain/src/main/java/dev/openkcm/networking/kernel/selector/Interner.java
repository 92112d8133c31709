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

    /** Numbers plus one by the hash of their values; zero is a free slot. */
    private int[] table = new int[2 * SMALLEST];

    private int[] free = {};
    private int freed;
    private int issued;

    /** How many values are held. */
    int size() {
        return issued - freed;
    }

    /** The number of the value, or −1 when nobody holds it. */
    int find(T value) {
        return table[slot(value)] - 1;
    }

    /** The number of the value, held once more. */
    int hold(T value) {
        int slot = slot(value);
        if (table[slot] != 0) {
            holders[table[slot] - 1]++;
            return table[slot] - 1;
        }
        int number = freed > 0 ? free[--freed] : issued++;
        if (number == values.length) {
            values = Arrays.copyOf(values, grown(number));
            holders = Arrays.copyOf(holders, values.length);
        }
        values[number] = value;
        holders[number] = 1;
        table[slot] = number + 1;
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
        unlink(slot(value(number)));
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

    private int slot(T value) {
        int mask = table.length - 1;
        int i = home(value);
        while (table[i] != 0 && !value(table[i] - 1).equals(value)) {
            i = (i + 1) & mask;
        }
        return i;
    }

    private void unlink(int slot) {
        int mask = table.length - 1;
        int gap = slot;
        for (int i = (gap + 1) & mask; table[i] != 0; i = (i + 1) & mask) {
            if (((i - home(value(table[i] - 1))) & mask) >= ((i - gap) & mask)) {
                table[gap] = table[i];
                gap = i;
            }
        }
        table[gap] = 0;
    }

    private void rehash(int length) {
        int[] old = table;
        table = new int[length];
        for (int entry : old) {
            if (entry != 0) {
                table[slot(value(entry - 1))] = entry;
            }
        }
    }

    private int home(T value) {
        return (value.hashCode() * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(table.length - 1);
    }
}
