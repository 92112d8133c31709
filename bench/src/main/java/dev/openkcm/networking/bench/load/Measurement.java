package dev.openkcm.networking.bench.load;

import java.util.List;

/**
 * What came of a job.
 *
 * @param doubled answers beyond the first to a command
 * @param missing commands without an answer when patience ended
 * @param failed commands the broker did not take
 * @param seconds from the first intended sending to the last answer; of a preload, from the first
 *     answer
 * @param perSecond answers a second in that time
 * @param settledPerSecond answers a second in the second half of all answers
 * @param state until the state followed, where the leg publishes states
 * @param settled until the last state that followed, of those commands that more than one followed
 * @param last until the last state that followed, of all commands that any followed
 * @param silences times without any answer, longer than {@link Expectation#SILENCE_MILLIS}
 */
public record Measurement(
        int sent,
        int answered,
        int doubled,
        int missing,
        int failed,
        double seconds,
        double perSecond,
        double settledPerSecond,
        long firstAnswerAtMillis,
        Latency result,
        Latency state,
        Latency settled,
        Latency last,
        List<Silence> silences) {

    /** Commands that have not exactly one answer. */
    public int wrong() {
        return missing + doubled + failed;
    }

    /**
     * A time without any answer.
     *
     * @param fromMillis the wall clock at the last answer before
     */
    public record Silence(long fromMillis, double millis) {}
}
