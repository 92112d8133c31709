package dev.openkcm.networking.e2e;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What anybody can read on the topics, committed records only. */
final class Topics {

    private final String bootstrapServers;

    Topics(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /** The headers of every record of a topic, partition by partition in order. */
    List<Map<String, String>> headers(String topic) {
        var found = new ArrayList<Map<String, String>>();
        read(
                topic,
                record -> {
                    var headers = new HashMap<String, String>();
                    record.headers()
                            .forEach(h ->
                                    headers.put(
                                            h.key(),
                                            new String(h.value(), StandardCharsets.UTF_8)));
                    found.add(headers);
                });
        return found;
    }

    /** The keys of a compacted topic that are not gone. */
    Set<String> keys(String topic) {
        var keys = new TreeSet<String>();
        read(
                topic,
                record -> {
                    String key = new String(record.key(), StandardCharsets.UTF_8);
                    if (record.value() == null) {
                        keys.remove(key);
                    } else {
                        keys.add(key);
                    }
                });
        return keys;
    }

    private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = new ArrayList<TopicPartition>();
            consumer.partitionsFor(topic)
                    .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(200)).forEach(reader);
            }
        }
    }
}
