package dev.openkcm.networking.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A program that asks one HTTP server over a few kept connections, the next request when the last
 * is answered, and tells how fast that went.
 */
public final class HttpLoad {

    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);

    /**
     * What is asked.
     *
     * @param path with one %d for a resource, or none
     * @param body to be posted, with one %d for the eight digits of a resource; null to get
     */
    public record Plan(
            int port,
            String path,
            @Nullable String body,
            int resources,
            int connections,
            int seconds) {

        public Plan(int port, String path, int resources, int connections, int seconds) {
            this(port, path, null, resources, connections, seconds);
        }

        private String request(int resource) {
            String target = path.replace("%d", Integer.toString(resource));
            if (body == null) {
                return HttpConnection.get(target);
            }
            String posted = body.replace("%d", "%08d".formatted(resource));
            return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(target, posted.length(), posted);
        }
    }

    /**
     * What came of it.
     *
     * @param failures answers with another status than 200
     * @param bytes of the longest body that a connection read last
     */
    public record Outcome(
            long requests, long failures, double perSecond, long bytes, Latency latency) {}

    private final Plan plan;
    private final long end;
    private final Histogram micros = new ConcurrentHistogram(LONGEST_MICROS, 3);

    private HttpLoad(Plan plan) {
        this.plan = plan;
        this.end = System.nanoTime() + TimeUnit.SECONDS.toNanos(plan.seconds());
    }

    /** The count of one connection. */
    private static final class Tally {
        private long requests;
        private long failures;
        private long bytes;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var json = new ObjectMapper();
        var plan = json.readValue(arguments[0], Plan.class);
        System.out.println(json.writeValueAsString(new HttpLoad(plan).run()));
    }

    private Outcome run() throws InterruptedException {
        long begin = System.nanoTime();
        var tallies = new ArrayList<Tally>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < plan.connections(); i++) {
            var tally = new Tally();
            long seed = i;
            tallies.add(tally);
            threads.add(Thread.ofPlatform().start(() -> ask(tally, seed)));
        }
        for (var thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        long requests = tallies.stream().mapToLong(t -> t.requests).sum();
        return new Outcome(
                requests,
                tallies.stream().mapToLong(t -> t.failures).sum(),
                requests / seconds,
                tallies.stream().mapToLong(t -> t.bytes).max().orElse(0),
                Latency.of(micros));
    }

    private void ask(Tally tally, long seed) {
        var random = new SplittableRandom(seed);
        try (var connection = new HttpConnection(plan.port())) {
            while (System.nanoTime() < end) {
                String request = plan.request(random.nextInt(plan.resources()));
                long start = System.nanoTime();
                boolean good = connection.ask(request);
                long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
                micros.recordValue(Math.min(took, LONGEST_MICROS));
                tally.requests++;
                tally.failures += good ? 0 : 1;
                tally.bytes = connection.length();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
