package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.baseline.Baseline.Level;
import dev.openkcm.networking.bench.load.Job;
import dev.openkcm.networking.bench.load.Measurement;
import dev.openkcm.networking.bench.load.RoutedInterfaces;
import java.util.Locale;

/**
 * Commands that relabel interfaces, each in its turn, until a row of somebody else follows; and the
 * baselines of the same commands.
 */
final class Relabelling {

    static final double RATE = 100;

    /** How many interfaces the small estates have. */
    static final int SMALL = 1_000;

    /** Caught up when a row comes within this after its command. */
    private static final double PROMPT_MILLIS = 250;

    private static final int ATTEMPTS = 60;

    private Relabelling() {}

    /** The last interfaces of so many, in turn. */
    static Job ofTheLast(int interfaces, int rounds) {
        int turns = RoutedInterfaces.IN_TURN;
        return Job.inTurn(RATE, interfaces - turns, turns, rounds);
    }

    /** What a baseline takes for the same commands. */
    static Measurement limit(Lab lab, Level level, int rounds) {
        var job = ofTheLast(SMALL, rounds);
        return BaselineLeg.measure(lab, level, RoutedInterfaces.SPREAD, SMALL, job, job);
    }

    /** Rows come in the order of commands, so when one comes promptly, all before it have come. */
    static void catchUp(Lab lab, DriverProcess driver, Job job) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var warm = driver.run(job);
            if (warm.state().count() == warm.sent() && warm.state().p50() < PROMPT_MILLIS) {
                return;
            }
        }
        lab.progress().say("  The rows do not catch up; the figures will be bad.");
    }

    /** Says how long rows took, and how many of the commands had one. */
    static Measurement told(Lab lab, String change, Measurement measured) {
        lab.progress()
                .say(
                        String.format(
                                Locale.ROOT,
                                "  %s: row p50 %.1f  p99 %.1f ms, %d of %d",
                                change,
                                measured.state().p50(),
                                measured.state().p99(),
                                measured.state().count(),
                                measured.sent()));
        return measured;
    }

    /** Commands that no row followed from. */
    static double missing(Measurement measured) {
        return (double) measured.sent() - measured.state().count();
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String count(int value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
