package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.List;

/** What one check looked at, and what it found. */
public final class Tally {
    private final String check;
    private final List<Difference> differences = new ArrayList<>();
    private long checked;

    public Tally(String check) {
        this.check = check;
    }

    public String check() {
        return check;
    }

    public long checked() {
        return checked;
    }

    public List<Difference> differences() {
        return List.copyOf(differences);
    }

    void looked() {
        checked++;
    }

    void found(String what, String... places) {
        differences.add(new Difference(what, List.of(places)));
    }

    /** Counts the look, and notes a difference when it does not hold. */
    void expect(boolean holds, String otherwise, String... places) {
        looked();
        if (!holds) {
            found(otherwise, places);
        }
    }

    void add(Tally other) {
        checked += other.checked;
        differences.addAll(other.differences);
    }
}
