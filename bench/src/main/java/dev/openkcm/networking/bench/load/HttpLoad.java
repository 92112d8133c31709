package dev.openkcm.networking.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A program that asks one HTTP server over a few kept connections, the next request when the last
 * is answered, and tells how fast that went. It reads bodies by their length and does not look into
 * them.
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
                return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
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
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), plan.port())) {
            socket.setTcpNoDelay(true);
            var out = socket.getOutputStream();
            var in = new BufferedInputStream(socket.getInputStream(), 65_536);
            while (System.nanoTime() < end) {
                byte[] request =
                        plan.request(random.nextInt(plan.resources()))
                                .getBytes(StandardCharsets.US_ASCII);
                long start = System.nanoTime();
                out.write(request);
                boolean good = answer(in, tally);
                long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
                micros.recordValue(Math.min(took, LONGEST_MICROS));
                tally.requests++;
                tally.failures += good ? 0 : 1;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one answer to its end; true when its status is 200. */
    private static boolean answer(InputStream in, Tally tally) throws IOException {
        boolean good = line(in).contains(" 200 ");
        int length = 0;
        boolean chunked = false;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
            chunked |= header.equalsIgnoreCase("transfer-encoding: chunked");
        }
        if (chunked) {
            length = chunks(in);
        } else {
            in.skipNBytes(length);
        }
        tally.bytes = length;
        return good;
    }

    private static int chunks(InputStream in) throws IOException {
        int length = 0;
        while (true) {
            int chunk = Integer.parseInt(line(in), 16);
            in.skipNBytes(chunk);
            line(in);
            if (chunk == 0) {
                return length;
            }
            length += chunk;
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the server has closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
