package dev.openkcm.networking.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.kernel.registry.AvroDeserializer;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.schemas.common.v1.CommandResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that changes one resource after another and reads each as soon as the answer to the
 * change is committed: first by the version that the answer tells, then once more as it is.
 */
public final class ReadBack {

    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);

    /** Between two changes, so that they keep no step with commits. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /**
     * What is changed and read.
     *
     * @param path with one %d for a resource
     * @param times how many resources, each of which exists
     */
    public record Plan(Assignment assignment, int port, String path, int times) {}

    /**
     * What came of it.
     *
     * @param failures answers with another status than 200
     * @param bytes of the last body
     * @param byVersion of requests that wait for the change
     * @param again of the same requests without a version, right afterwards
     */
    public record Outcome(int failures, long bytes, Latency byVersion, Latency again) {}

    private final Plan plan;
    private final Sender sender;
    private final AvroDeserializer<CommandResult> results;

    private ReadBack(Plan plan) {
        this.plan = plan;
        this.sender = new Sender(plan.assignment());
        this.results =
                new AvroDeserializer<>(
                        new SchemaRegistryClient(
                                SchemaRegistryConfig.of(
                                        Map.of(
                                                SchemaRegistryConfig.URL,
                                                plan.assignment().registryUrl()))),
                        CommandResult.class);
    }

    public static void main(String[] arguments) throws IOException {
        var json = new ObjectMapper();
        var plan = json.readValue(arguments[0], Plan.class);
        System.out.println(json.writeValueAsString(new ReadBack(plan).run()));
    }

    private Outcome run() throws IOException {
        var random = new SplittableRandom(plan.assignment().seed());
        var byVersion = new Histogram(LONGEST_MICROS, 3);
        var again = new Histogram(LONGEST_MICROS, 3);
        String answers = plan.assignment().answers();
        int failures = 0;
        try (var connection = new HttpConnection(plan.port());
                var consumer =
                        Receiver.atEnd(plan.assignment().bootstrapServers(), List.of(answers))) {
            for (int i = 0; i < plan.times(); i++) {
                LockSupport.parkNanos(random.nextLong(LONGEST_PAUSE_NANOS));
                long version = change(i, consumer);
                String path = plan.path().replace("%d", Integer.toString(i));
                failures += asked(connection, path + "?minResourceVersion=" + version, byVersion);
                failures += asked(connection, path, again);
            }
            return new Outcome(
                    failures, connection.length(), Latency.of(byVersion), Latency.of(again));
        }
    }

    /** Changes a resource and returns its version, once the answer is committed. */
    private long change(int resource, KafkaConsumer<byte[], byte[]> consumer) {
        long number = sender.nextNumber();
        var job = Job.inTurn(0, resource, 1, 1);
        sender.sendAll(job, new Expectation(number, 1, System.nanoTime(), 0));
        while (true) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                var id = record.headers().lastHeader("ce_id");
                if (id != null && CommandIds.number(id.value()) == number) {
                    return version(results.deserialize(record.topic(), record.value()));
                }
            }
        }
    }

    private static long version(@Nullable CommandResult result) {
        Long version = result == null ? null : result.getResourceVersion();
        if (version == null) {
            throw new IllegalStateException("the change was not accepted: " + result);
        }
        return version;
    }

    private static int asked(HttpConnection connection, String target, Histogram micros)
            throws IOException {
        long start = System.nanoTime();
        boolean good = connection.ask(HttpConnection.get(target));
        long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        micros.recordValue(Math.min(took, LONGEST_MICROS));
        return good ? 0 : 1;
    }
}
