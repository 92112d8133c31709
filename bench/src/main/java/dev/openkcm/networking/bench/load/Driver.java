package dev.openkcm.networking.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The program that loads one leg. It reads jobs from standard input, a line of JSON each, and
 * writes a line with the measurement for each; it ends with its input.
 */
public final class Driver {

    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ObjectMapper json = new ObjectMapper();
    private final Sender sender;
    private final Receiver receiver;
    private final boolean followed;
    private Expectation preloaded = Expectation.nothing();

    private Driver(Assignment assignment) {
        this.sender = new Sender(assignment);
        this.receiver = new Receiver(assignment);
        this.followed = assignment.states() != null;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var driver = new Driver(new ObjectMapper().readValue(arguments[0], Assignment.class));
        driver.run();
    }

    private void run() throws IOException, InterruptedException {
        Thread.ofPlatform()
                .daemon()
                .name("receiver")
                .uncaughtExceptionHandler(Driver::end)
                .start(receiver);
        receiver.awaitReady();
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println("ready");
        var jobs = new LinkedBlockingQueue<Job>();
        Thread.ofPlatform().daemon().name("jobs").start(() -> read(jobs));
        while (true) {
            out.println(json.writeValueAsString(done(jobs.take())));
        }
    }

    /** Whoever gave the jobs is gone when the input ends: nothing is worth finishing. */
    private void read(BlockingQueue<Job> jobs) {
        try (var in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                jobs.add(json.readValue(line, Job.class));
            }
        } catch (IOException e) {
            e.printStackTrace(System.err);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Whoever waits for an answer sees the end of this process instead. */
    private static void end(Thread receiver, Throwable failure) {
        failure.printStackTrace(System.err);
        Runtime.getRuntime().halt(1);
    }

    private Measurement done(Job job) throws InterruptedException {
        return switch (job.kind()) {
            case IN_TURN, EACH, DELETE_EACH -> {
                var expectation = begin(job);
                expectation.await(job.patienceSeconds());
                if (followed) {
                    expectation.awaitStates(job.patienceSeconds());
                    expectation.awaitQuiet();
                }
                yield expectation.measured(false);
            }
            case RATED, CREATE_ALL -> {
                var expectation = begin(job);
                expectation.await(job.patienceSeconds());
                yield expectation.measured(false);
            }
            case PRELOAD, SHUFFLED, DELETE_ALL -> {
                preloaded = begin(job);
                yield preloaded.measured(true);
            }
            case COLLECT -> {
                preloaded.await(job.patienceSeconds());
                yield preloaded.measured(true);
            }
        };
    }

    private Expectation begin(Job job) {
        double interval = job.rate() > 0 ? 1e9 / job.rate() : 0;
        var expectation =
                new Expectation(
                        sender.nextNumber(), job.count(), System.nanoTime() + LEAD_NANOS, interval);
        receiver.expect(expectation);
        sender.sendAll(job, expectation);
        return expectation;
    }
}
