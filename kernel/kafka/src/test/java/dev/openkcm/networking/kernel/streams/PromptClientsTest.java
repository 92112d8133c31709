package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
