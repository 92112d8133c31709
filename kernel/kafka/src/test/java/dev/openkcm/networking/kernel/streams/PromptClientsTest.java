package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptClientsTest {

    private static final int RECORDS = 20;
    private static final TopicPartition IN = new TopicPartition("in", 0);
    private static final TopicPartition OUT = new TopicPartition("out", 0);

    @TempDir private Path folder;

    @Test
    void aRecordThatComesAloneInATransactionCostsOneTransaction() throws Exception {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(IN.topic(), 1, (short) 1),
                                    new NewTopic(OUT.topic(), 1, (short) 1)))
                    .all()
                    .get();
            var settings =
                    new StreamsSettings(client(kafka), folder.resolve("state"), 0, "localhost:1");
            try (var app = new StreamsApp(PromptCommits.in(handOn()), settings.promptly("app"))) {
                app.start();
                app.awaitRunning(Duration.ofMinutes(1));
                double before = commits(app.streams());
                sendOneByOne(kafka);
                double caused = commits(app.streams()) - before;

                assertThat(caused).isBetween((double) RECORDS, RECORDS + 3.0);
                long end =
                        admin.listOffsets(Map.of(IN, OffsetSpec.latest()))
                                .partitionResult(IN)
                                .get()
                                .offset();
                assertThat(end).as("every record has a marker").isEqualTo(2 * RECORDS);
                await().untilAsserted(() ->
                        assertThat(
                                        admin.listConsumerGroupOffsets("app")
                                                .partitionsToOffsetAndMetadata()
                                                .get()
                                                .get(IN)
                                                .offset())
                                .as("the last marker is passed as well")
                                .isEqualTo(end));
            }
        }
    }

    @Test
    void whatViewsIsNotShownHeaders() throws Exception {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                var producer =
                        new KafkaProducer<>(
                                Map.<String, Object>of(
                                        "bootstrap.servers", kafka.bootstrapServers()),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(IN.topic(), 1, (short) 1))).all().get();
            var settings =
                    new StreamsSettings(client(kafka), folder.resolve("state"), 0, "localhost:1");
            var shown = new LinkedBlockingQueue<Record<byte[], byte[]>>();
            var viewed = new LinkedBlockingQueue<Record<byte[], byte[]>>();
            try (var deciding = new StreamsApp(into(shown), settings.exactlyOnce("decide"));
                    var viewing = new StreamsApp(into(viewed), settings.atLeastOnce("view"))) {
                deciding.start();
                viewing.start();
                var sent = new ProducerRecord<>(IN.topic(), 0, 5L, new byte[] {1}, new byte[] {2});
                sent.headers().add("ce_id", new byte[] {3});
                producer.send(sent).get();

                assertThat(shown.poll(1, TimeUnit.MINUTES).headers()).hasSize(1);
                var bare = viewed.poll(1, TimeUnit.MINUTES);
                assertThat(bare.headers()).isEmpty();
                assertThat(bare.key()).containsExactly(1);
                assertThat(bare.value()).containsExactly(2);
                assertThat(bare.timestamp()).isEqualTo(5);
            }
        }
    }

    private static Topology into(BlockingQueue<Record<byte[], byte[]>> seen) {
        var topology = new Topology();
        topology.addSource(
                "from", new ByteArrayDeserializer(), new ByteArrayDeserializer(), IN.topic());
        topology.addProcessor(
                "keep", () -> (Processor<byte[], byte[], Void, Void>) seen::add, "from");
        return topology;
    }

    private static Topology handOn() {
        var topology = new Topology();
        topology.addSource(
                "from", new ByteArrayDeserializer(), new ByteArrayDeserializer(), IN.topic());
        topology.addSink(
                "to", OUT.topic(), new ByteArraySerializer(), new ByteArraySerializer(), "from");
        return topology;
    }

    /** The next one only when the one before has come out. */
    private static void sendOneByOne(EmbeddedKafka kafka) {
        Map<String, Object> reading =
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "isolation.level",
                        "read_committed");
        Map<String, Object> writing =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "sender");
        try (var producer =
                        new KafkaProducer<>(
                                writing, new ByteArraySerializer(), new ByteArraySerializer());
                var consumer =
                        new KafkaConsumer<>(
                                reading,
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer())) {
            consumer.assign(List.of(OUT));
            consumer.seekToBeginning(List.of(OUT));
            producer.initTransactions();
            for (int i = 0; i < RECORDS; i++) {
                producer.beginTransaction();
                var _ = producer.send(new ProducerRecord<>(IN.topic(), new byte[] {(byte) i}));
                producer.commitTransaction();
                await().pollDelay(Duration.ZERO)
                        .until(() -> !consumer.poll(Duration.ofSeconds(1)).isEmpty());
                // Longer than a commit interval, so that a needless commit would be made.
                assertThat(consumer.poll(Duration.ofMillis(50)).isEmpty()).isTrue();
            }
        }
    }

    private static double commits(KafkaStreams streams) {
        return streams.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("commit-total"))
                .filter(metric -> metric.metricName().group().equals("stream-thread-metrics"))
                .mapToDouble(metric -> (double) metric.metricValue())
                .sum();
    }

    private static Map<String, String> client(EmbeddedKafka kafka) {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }
}
