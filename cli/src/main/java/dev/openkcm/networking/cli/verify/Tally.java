package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.List;

/** What one check looked at, and what it found. */
public final class Tally {
    private final String check;
    private final boolean lasting;
    private final List<Difference> differences = new ArrayList<>();
    private long checked;

    private Tally(String check, boolean lasting) {
        this.check = check;
        this.lasting = lasting;
    }

    /** Of what the log itself orders: a difference stays one, whatever follows. */
    static Tally lasting(String check) {
        return new Tally(check, true);
    }

    /** Of what agrees once nothing is under way. */
    static Tally settling(String check) {
        return new Tally(check, false);
    }

    /** Whether a difference stays one, whatever follows in the log. */
    public boolean lasting() {
        return lasting;
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
}
