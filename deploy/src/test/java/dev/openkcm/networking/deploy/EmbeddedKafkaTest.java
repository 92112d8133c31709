package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
    private static final TopicPartition KEPT = new TopicPartition("kept", 0);

    @TempDir private Path data;

    @Test
    void knowsTransactionsAndKeepsItsRecordsOverARestartAndAKill() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data)) {
            createTopic(kafka);
            assertThat(transactionVersion(kafka)).isGreaterThanOrEqualTo((short) 2);
            send(kafka, "before the restart");
            kafka.stop();
            kafka.start();
            send(kafka, "before the kill");
            kafka.kill();
            kafka.start();

            assertThat(read(kafka, 2)).containsExactly("before the restart", "before the kill");
        }
    }

    @Test
    void aBrokerThatCannotStartIsReportedWithTheEndOfItsLog() throws Exception {
        Path log = data.resolve("broker.log");
        Files.createDirectories(data.resolve("log"));
        Files.writeString(data.resolve("log/meta.properties"), "version=99\n");

        assertThatThrownBy(() -> EmbeddedKafka.start(data))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("broker 1 ended while it was starting")
                .hasMessageContaining("meta.properties")
                .extracting(problem -> ((StackException) problem).advice())
                .asString()
                .contains(log.toString());
    }

    private static short transactionVersion(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = admin(kafka)) {
            return admin.describeFeatures()
                    .featureMetadata()
                    .get()
                    .finalizedFeatures()
                    .get("transaction.version")
                    .maxVersionLevel();
        }
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private static void createTopic(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = admin(kafka)) {
            admin.createTopics(List.of(new NewTopic(KEPT.topic(), 1, (short) 1))).all().get();
        }
    }

    private static void send(EmbeddedKafka kafka, String value) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>(KEPT.topic(), value)).get();
        }
    }

    private static List<String> read(EmbeddedKafka kafka, int count) {
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.assign(List.of(KEPT));
            consumer.seekToBeginning(List.of(KEPT));
            List<String> values = new ArrayList<>();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(200))
                                .forEach(one -> values.add(one.value()));
                        return values.size() >= count;
                    });
            return values;
        }
    }
}
