package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.load.EstateCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Knows which of the crowd of interfaces, and whether their Network, are there. */
final class Tombstones implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(20);

    private final Set<String> present = new HashSet<>();
    private final KafkaConsumer<byte[], byte[]> consumer;

    Tombstones(Lab lab) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", lab.bootstrapServers());
        config.put("isolation.level", "read_committed");
        config.put("max.poll.records", 10_000);
        consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var partitions =
                Stream.of("openkcm.network.state.v1", "openkcm.network-interface.state.v1")
                        .flatMap(topic -> consumer.partitionsFor(topic).stream())
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    /** Reads on until so many are there; false when that takes too long. */
    boolean awaitPresent(int count, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (present.size() != count && System.nanoTime() < deadline) {
            for (var record : consumer.poll(POLL)) {
                String key = new String(record.key(), StandardCharsets.UTF_8);
                if (!EstateCommands.ofCrowd(key)) {
                    continue;
                }
                if (record.value() == null) {
                    present.remove(key);
                } else {
                    present.add(key);
                }
            }
        }
        return present.size() == count;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
