package dev.openkcm.networking.bench.baseline;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A program that reads topics from their beginning to their end, and does nothing with them. */
public final class RawConsumer {

    private static final Duration POLL = Duration.ofMillis(200);

    /**
     * What was read.
     *
     * @param seconds from the first record to the last
     */
    public record Read(long records, long bytes, double seconds) {

        public double perSecond() {
            return records / seconds;
        }
    }

    private RawConsumer() {}

    /** Arguments: bootstrap servers, topics. Prints a {@link Read} in JSON. */
    public static void main(String[] arguments) throws IOException {
        var topics = List.of(arguments).subList(1, arguments.length);
        System.out.println(new ObjectMapper().writeValueAsString(read(arguments[0], topics)));
    }

    private static Read read(String servers, List<String> topics) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", servers);
        config.put("isolation.level", "read_committed");
        config.put("max.poll.records", 10_000);
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions =
                    topics.stream()
                            .flatMap(topic -> consumer.partitionsFor(topic).stream())
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            long records = 0;
            long bytes = 0;
            long first = 0;
            long last = 0;
            while (behind(consumer, ends)) {
                var polled = consumer.poll(POLL);
                last = System.nanoTime();
                first = records == 0 ? last : first;
                for (var record : polled) {
                    records++;
                    bytes +=
                            Math.max(0, record.serializedKeySize())
                                    + Math.max(0, record.serializedValueSize());
                }
            }
            return new Read(records, bytes, (last - first) / 1e9);
        }
    }

    private static boolean behind(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) < end.getValue());
    }
}
