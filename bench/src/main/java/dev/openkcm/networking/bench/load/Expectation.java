package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.bench.load.Measurement.Silence;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/** The answers that one job waits for; written by the receiver, awaited by the sender. */
final class Expectation {

    static final long SILENCE_MILLIS = 150;

    /** Its multiples lie more evenly between whole numbers than those of any other number. */
    private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

    private static final long QUIET_MILLIS = 1_000;
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

    private final long base;
    private final int count;
    private final long start;
    private final double interval;
    private final BitSet answered;
    private final Histogram results = new Histogram(LONGEST_MICROS, 3);
    private final Histogram states = new Histogram(LONGEST_MICROS, 3);
    private final long[] lastState;
    private final BitSet several;
    private final List<Silence> silences = new ArrayList<>();
    private int answers;
    private int followed;
    private int seen;
    private int doubled;
    private int failed;
    private long first;
    private long half;
    private long last;
    private long firstAtMillis;

    /**
     * Expects answers to consecutive commands.
     *
     * @param base number of the first
     * @param start when the first is to be sent, by {@link System#nanoTime()}
     * @param interval nanoseconds from one to the next, on the average
     */
    Expectation(long base, int count, long start, double interval) {
        this.base = base;
        this.count = count;
        this.start = start;
        this.interval = interval;
        this.answered = new BitSet(count);
        this.lastState = new long[count];
        this.several = new BitSet(count);
    }

    static Expectation nothing() {
        return new Expectation(0, 0, 0, 0);
    }

    /**
     * Somewhere in the interval of its own: 100 a second in step would come at one and the same
     * time after each commit, if commits come every 10 ms, and a run would measure that time.
     */
    long due(int index) {
        double golden = index * GOLDEN_RATIO;
        return start + (long) ((index + golden - Math.floor(golden)) * interval);
    }

    synchronized void result(long number, long now) {
        if (number < base || number >= base + count) {
            return; // Of an earlier job that was given up.
        }
        int index = (int) (number - base);
        if (answered.get(index)) {
            doubled++;
            return;
        }
        answered.set(index);
        results.recordValue(micros(now - due(index)));
        if (answers == 0) {
            first = now;
            firstAtMillis = System.currentTimeMillis();
        } else if (now - last > TimeUnit.MILLISECONDS.toNanos(SILENCE_MILLIS)) {
            double millis = (now - last) / 1e6;
            silences.add(new Silence(System.currentTimeMillis() - (long) millis, millis));
        }
        last = now;
        answers++;
        if (answers == count / 2) {
            half = now;
        }
        if (answers + failed == count) {
            notifyAll();
        }
    }

    synchronized void state(long number, long now) {
        if (number >= base && number < base + count) {
            seen++;
            int index = (int) (number - base);
            if (lastState[index] == 0) {
                states.recordValue(micros(now - due(index)));
                followed++;
                if (followed == count) {
                    notifyAll();
                }
            } else {
                several.set(index);
            }
            lastState[index] = now;
        }
    }

    synchronized void failure() {
        failed++;
        notifyAll();
    }

    void await(long seconds) throws InterruptedException {
        await(seconds, () -> answers + failed >= count);
    }

    /** Until something followed from every command. */
    void awaitStates(long seconds) throws InterruptedException {
        await(seconds, () -> followed >= count);
    }

    /** Until nothing has followed for a while. */
    synchronized void awaitQuiet() throws InterruptedException {
        int before = -1;
        while (seen != before) {
            before = seen;
            wait(QUIET_MILLIS);
        }
    }

    private synchronized void await(long seconds, BooleanSupplier done)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!done.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    synchronized Measurement measured(boolean preloaded) {
        double seconds = (last - (preloaded ? first : start)) / 1e9;
        double settled = (last - half) / 1e9;
        return new Measurement(
                count,
                answers,
                doubled,
                count - answers - failed,
                failed,
                seconds,
                answers / seconds,
                (answers - answers / 2) / settled,
                firstAtMillis,
                Latency.of(results),
                Latency.of(states),
                lastStates(several),
                lastStates(all()),
                List.copyOf(silences));
    }

    private BitSet all() {
        var all = new BitSet(count);
        for (int index = 0; index < count; index++) {
            all.set(index, lastState[index] != 0);
        }
        return all;
    }

    private Latency lastStates(BitSet of) {
        var settled = new Histogram(LONGEST_MICROS, 3);
        of.stream().forEach(index -> settled.recordValue(micros(lastState[index] - due(index))));
        return Latency.of(settled);
    }

    private static long micros(long nanos) {
        return Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST_MICROS);
    }
}
