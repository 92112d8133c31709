package dev.openkcm.networking.kernel.selector;

import org.jspecify.annotations.Nullable;

/** A hash table with linear probing from numbers to objects. */
final class IntMap<V> {

    private static final int SMALLEST = 2;

    private int[] keys = new int[SMALLEST];
    private @Nullable Object[] values = new @Nullable Object[SMALLEST];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    @SuppressWarnings("unchecked") // Only put() stores values.
    @Nullable V get(int key) {
        return (V) values[slot(key)];
    }

    void put(int key, V value) {
        int slot = slot(key);
        if (values[slot] == null) {
            size++;
            if (4 * size > 3 * keys.length) {
                resize(2 * keys.length);
                slot = slot(key);
            }
            keys[slot] = key;
        }
        values[slot] = value;
    }

    void remove(int key) {
        int gap = slot(key);
        if (values[gap] == null) {
            return;
        }
        size--;
        int mask = keys.length - 1;
        for (int i = (gap + 1) & mask; values[i] != null; i = (i + 1) & mask) {
            if (((i - home(keys[i])) & mask) >= ((i - gap) & mask)) {
                keys[gap] = keys[i];
                values[gap] = values[i];
                gap = i;
            }
        }
        values[gap] = null;
        if (keys.length > SMALLEST && 8 * size < keys.length) {
            resize(keys.length / 2);
        }
    }

    private int slot(int key) {
        int mask = keys.length - 1;
        int i = home(key);
        while (values[i] != null && keys[i] != key) {
            i = (i + 1) & mask;
        }
        return i;
    }

    private void resize(int length) {
        int[] oldKeys = keys;
        var oldValues = values;
        keys = new int[length];
        values = new @Nullable Object[length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != null) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    private int home(int key) {
        return (key * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(keys.length - 1);
    }
}
