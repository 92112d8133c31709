package dev.openkcm.networking.kernel.selector;

import java.util.Arrays;

/**
 * A set of small non-negative numbers in one array: a plain list while it has at most 16, a hash
 * table with linear probing beyond.
 */
class IntSet {

    private static final int LISTED = 16;
    private static final int[] NONE = {};

    /** Members plus one; zero is a free slot. A list when short, else a table. */
    private int[] slots = NONE;

    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean contains(int member) {
        return find(member + 1) >= 0;
    }

    boolean add(int member) {
        int stored = member + 1;
        if (find(stored) >= 0) {
            return false;
        }
        if (listed()) {
            if (size == slots.length) {
                resize(size == 0 ? 1 : 2 * size);
            }
        } else if (3 * (size + 1) > 2 * slots.length) {
            resize(2 * slots.length);
        }
        place(stored);
        size++;
        return true;
    }

    boolean remove(int member) {
        int at = find(member + 1);
        if (at < 0) {
            return false;
        }
        size--;
        if (listed()) {
            slots[at] = slots[size];
            slots[size] = 0;
        } else {
            close(at);
        }
        if (slots.length > 4 && 4 * size < (listed() ? slots.length : slots.length / 2)) {
            resize(slots.length / 2);
        }
        return true;
    }

    /** How many slots there are to look {@link #at}: the members without a copy. */
    int slots() {
        return slots.length;
    }

    /** The member in a slot, −1 when it is free. */
    int at(int slot) {
        return slots[slot] - 1;
    }

    /** The members in no particular order. */
    int[] toArray() {
        int[] members = new int[size];
        int count = 0;
        for (int stored : slots) {
            if (stored != 0) {
                members[count++] = stored - 1;
            }
        }
        return members;
    }

    private boolean listed() {
        return slots.length <= LISTED;
    }

    private int find(int stored) {
        if (listed()) {
            for (int i = 0; i < size; i++) {
                if (slots[i] == stored) {
                    return i;
                }
            }
            return -1;
        }
        int mask = slots.length - 1;
        for (int i = home(stored); slots[i] != 0; i = (i + 1) & mask) {
            if (slots[i] == stored) {
                return i;
            }
        }
        return -1;
    }

    private void place(int stored) {
        if (listed()) {
            slots[size] = stored;
            return;
        }
        int mask = slots.length - 1;
        int i = home(stored);
        while (slots[i] != 0) {
            i = (i + 1) & mask;
        }
        slots[i] = stored;
    }

    /** Moves what was displaced by the removed member back, so that no probe ends too early. */
    private void close(int removed) {
        int mask = slots.length - 1;
        int gap = removed;
        for (int i = (gap + 1) & mask; slots[i] != 0; i = (i + 1) & mask) {
            if (((i - home(slots[i])) & mask) >= ((i - gap) & mask)) {
                slots[gap] = slots[i];
                gap = i;
            }
        }
        slots[gap] = 0;
    }

    private void resize(int length) {
        int[] members = toArray();
        slots = new int[length];
        if (listed()) {
            for (int i = 0; i < members.length; i++) {
                slots[i] = members[i] + 1;
            }
        } else {
            for (int member : members) {
                place(member + 1);
            }
        }
    }

    private int home(int stored) {
        return (stored * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(slots.length - 1);
    }

    @Override
    public String toString() {
        int[] members = toArray();
        Arrays.sort(members);
        return Arrays.toString(members);
    }
}
