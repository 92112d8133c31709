package dev.openkcm.networking.bench.baseline;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A program that writes records as the services do, in transactions, and does nothing else. */
public final class RawWriter {

    /** The commit interval of the services. */
    private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int KEYS = 100_000;

    /** How long it took. */
    public record Written(double seconds) {}

    private RawWriter() {}

    /**
     * Arguments: bootstrap servers, topic, how many records, bytes of a value. Prints a {@link
     * Written} in JSON.
     */
    public static void main(String[] arguments) throws IOException {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", arguments[0]);
        config.put("acks", "all");
        config.put("transactional.id", "bench-raw-writer");
        config.put("batch.size", 65_536);
        long records = Long.parseLong(arguments[2]);
        byte[] value = new byte[Integer.parseInt(arguments[3])];
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            long begin = System.nanoTime();
            long committed = begin;
            producer.beginTransaction();
            for (long i = 0; i < records; i++) {
                byte[] key = Long.toString(i % KEYS).getBytes(StandardCharsets.UTF_8);
                var _ = producer.send(new ProducerRecord<>(arguments[1], key, value));
                if (System.nanoTime() - committed > COMMIT_NANOS) {
                    producer.commitTransaction();
                    producer.beginTransaction();
                    committed = System.nanoTime();
                }
            }
            producer.commitTransaction();
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.println(new ObjectMapper().writeValueAsString(new Written(seconds)));
        }
    }
}
