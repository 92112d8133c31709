package dev.openkcm.networking.bench.baseline;

import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.StreamsApp;
import dev.openkcm.networking.kernel.streams.StreamsSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * A program that hands records from one topic on to another, with as much care as its level says.
 * Settings and stores are those of the services, but for the strawman {@code FK}.
 */
public final class Baseline {

    private static final String STORE = "rows";

    /** How much is done for a record. */
    public enum Level {
        /** A consumer and a producer: no transaction, no state. */
        L0,
        /** Kafka Streams, exactly once, no state. */
        L1,
        /** Kafka Streams, exactly once, one read and one write of a RocksDB row. */
        L2,
        /**
         * As L2, and an event and a state of the same length beside each answer, with the headers
         * that the public contract asks for; a second application, at least once, keeps the states
         * in memory for who asks.
         */
        L3,
        /** Two {@link ForeignKeyJoins}, with settings and stores as they come. */
        FK
    }

    private Baseline() {}

    /** What a level needs beside the topics it reads and writes. */
    public static List<String> furtherTopics(Level level, String from) {
        return switch (level) {
            case L0, L1, L2 -> List.of();
            case L3 -> List.of(events(from), states(from));
            case FK ->
                    List.of(
                            ForeignKeyJoins.referring(from),
                            ForeignKeyJoins.referringToThose(from));
        };
    }

    private static String events(String from) {
        return from + ".events";
    }

    private static String states(String from) {
        return from + ".states";
    }

    /** Arguments: level, bootstrap servers, topic to read, topic to write, folder of the state. */
    public static void main(String[] arguments) {
        var level = Level.valueOf(arguments[0]);
        String servers = arguments[1];
        String from = arguments[2];
        String to = arguments[3];
        if (level == Level.L0) {
            echo(servers, from, to);
            return;
        }
        if (level == Level.FK) {
            ForeignKeyJoins.run(servers, from, to, Path.of(arguments[4]));
            return;
        }
        var settings =
                new StreamsSettings(
                        Map.of("bootstrap.servers", servers),
                        Path.of(arguments[4]),
                        0,
                        "localhost:0");
        run(new StreamsApp(topology(level, from, to), settings.exactlyOnce("bench." + from)));
        if (level == Level.L3) {
            run(
                    new StreamsApp(
                            view(states(from)), settings.atLeastOnce("bench." + from + ".view")));
        }
    }

    private static void run(StreamsApp application) {
        Runtime.getRuntime().addShutdownHook(new Thread(application::close));
        application.start();
    }

    private static Topology topology(Level level, String from, String to) {
        var topology = new Topology();
        topology.addSource("from", new ByteArrayDeserializer(), new ByteArrayDeserializer(), from);
        String last = "from";
        if (level == Level.L2 || level == Level.L3) {
            topology.addProcessor("read-and-write", ReadAndWrite::new, "from");
            topology.addStateStore(DecideTopology.rows(STORE), "read-and-write");
            last = "read-and-write";
        }
        if (level == Level.L3) {
            topology.addProcessor("tell", Tell::new, last);
            last = "tell";
            sink(topology, Tell.EVENTS, events(from), last);
            sink(topology, Tell.STATES, states(from), last);
        }
        sink(topology, Tell.ANSWERS, to, last);
        return topology;
    }

    private static void sink(Topology topology, String name, String to, String from) {
        topology.addSink(name, to, new ByteArraySerializer(), new ByteArraySerializer(), from);
    }

    private static Topology view(String states) {
        var topology = new Topology();
        topology.addReadOnlyStateStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(STORE),
                                Serdes.String(),
                                Serdes.ByteArray())
                        .withLoggingDisabled(),
                "states",
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                states,
                "keep",
                Keep::new);
        return topology;
    }

    private static final class ReadAndWrite
            extends ContextualProcessor<byte[], byte[], byte[], byte[]> {

        @Override
        public void process(Record<byte[], byte[]> record) {
            KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
            String key = new String(record.key(), StandardCharsets.UTF_8);
            byte[] _ = rows.get(key);
            rows.put(key, record.value());
            context().forward(record);
        }
    }

    /** What a decision leads to at the least. */
    private static final class Tell extends ContextualProcessor<byte[], byte[], byte[], byte[]> {

        static final String ANSWERS = "answers";
        static final String EVENTS = "events";
        static final String STATES = "states";

        @Override
        public void process(Record<byte[], byte[]> record) {
            context().forward(told(record, "BaselineEvent"), EVENTS);
            context().forward(told(record, "BaselineState"), STATES);
            context().forward(record, ANSWERS);
        }

        private static Record<byte[], byte[]> told(Record<byte[], byte[]> record, String type) {
            return record.withHeaders(
                    CloudEventHeaders.of(
                            "baseline",
                            type,
                            UUID.randomUUID().toString(),
                            new String(record.key(), StandardCharsets.UTF_8),
                            Instant.ofEpochMilli(record.timestamp()),
                            CloudEventHeaders.text(record.headers(), CloudEventHeaders.ID)
                                    .orElse(null),
                            record.headers()));
        }
    }

    private static final class Keep extends ContextualProcessor<String, byte[], Void, Void> {

        @Override
        public void process(Record<String, byte[]> record) {
            KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
            rows.put(record.key(), record.value());
        }
    }

    private static void echo(String servers, String from, String to) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", servers);
        config.put("group.id", "bench." + from);
        config.put("auto.offset.reset", "earliest");
        config.put("max.poll.records", 1_000);
        config.put("linger.ms", 0);
        try (var consumer =
                        new KafkaConsumer<>(
                                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                var producer =
                        new KafkaProducer<>(
                                config, new ByteArraySerializer(), new ByteArraySerializer())) {
            consumer.subscribe(List.of(from));
            while (!Thread.currentThread().isInterrupted()) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    var _ =
                            producer.send(
                                    new ProducerRecord<>(
                                            to,
                                            null,
                                            record.timestamp(),
                                            record.key(),
                                            record.value(),
                                            record.headers()));
                }
            }
        }
    }
}
