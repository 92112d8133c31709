package dev.openkcm.networking.cli.verify;

import dev.openkcm.networking.kernel.registry.GenericAvroDeserializer;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads the public topics from their beginning: what was committed, and nothing else. */
public final class PublicLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final SchemaRegistryClient registry;
    private final GenericAvroDeserializer avro;
    private final Set<String> wanted = new HashSet<>();

    public PublicLog(Map<String, Object> client, String registryUrl, Iterable<String> topics) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
        this.consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.registry =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(Map.of(SchemaRegistryConfig.URL, registryUrl)));
        this.avro = new GenericAvroDeserializer(registry);
        topics.forEach(wanted::add);
    }

    /** How many of the topics exist. */
    public int topics() {
        return (int) consumer.assignment().stream().map(TopicPartition::topic).distinct().count();
    }

    /** Hands over what was committed up to now and not handed over before; returns how much. */
    public long catchUp(Duration patience, Consumer<LogRecord> taker) {
        assign();
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), patience);
        long deadline = System.nanoTime() + patience.toNanos();
        long taken = 0;
        while (ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey(), patience) < end.getValue())) {
            int got = 0;
            for (var record : consumer.poll(POLL)) {
                taker.accept(read(record));
                got++;
            }
            taken += got;
            if (got > 0) {
                deadline = System.nanoTime() + patience.toNanos();
            } else if (System.nanoTime() > deadline) {
                throw new org.apache.kafka.common.errors.TimeoutException(
                        "the brokers stopped answering while the log was read");
            }
        }
        return taken;
    }

    private void assign() {
        List<TopicPartition> all = new ArrayList<>();
        consumer.listTopics()
                .forEach((topic, partitions) -> {
                    if (wanted.contains(topic)) {
                        partitions.forEach(p -> all.add(new TopicPartition(topic, p.partition())));
                    }
                });
        consumer.assign(all);
    }

    private LogRecord read(ConsumerRecord<byte[], byte[]> record) {
        byte[] bytes = record.value();
        GenericRecord value = null;
        String unreadable = null;
        if (bytes != null && !record.topic().endsWith(".dead-letters.v1")) {
            try {
                value = avro.deserialize(record.topic(), bytes);
            } catch (SerializationException e) {
                if (SchemaRegistryException.isUnavailable(e)) {
                    throw e;
                }
                unreadable = String.valueOf(e.getMessage());
            }
        }
        Map<String, String> headers = new HashMap<>();
        for (var header : record.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return new LogRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                text(record.key()),
                value,
                unreadable,
                bytes == null ? -1 : bytes.length,
                headers);
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    @Override
    public void close() {
        consumer.close();
        registry.close();
    }
}
