package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedAppTest {

    private static final String TOPIC = "in";

    @TempDir private Path folder;

    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicInteger measured = new AtomicInteger();

    @Test
    void itIsStartedAnewAsTheSameMemberAndReadsTheRecordAgain() throws Exception {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
            var client = Map.of("bootstrap.servers", kafka.bootstrapServers());
            var settings = new StreamsSettings(client, folder.resolve("state"), 0, "localhost:1");
            try (var app =
                    new StreamsApp(failingOnce(), settings.exactlyOnce("app"), this::measure)) {
                app.start();
                app.awaitRunning(Duration.ofMinutes(1));
                send(kafka);

                await().atMost(Duration.ofMinutes(1)).until(() -> attempts.get() == 2);
                await().atMost(Duration.ofMinutes(1)).until(() -> app.status().ready());
                assertThat(app.status().failures()).isEqualTo(1);
                assertThat(app.status().lastFailure()).contains("the first time");
                assertThat(measured).as("what runs is measured, and nothing else").hasValue(1);
                assertThat(
                                admin.describeConsumerGroups(List.of("app"))
                                        .describedGroups()
                                        .get("app")
                                        .get()
                                        .members())
                        .as("nobody waits for a member that is gone")
                        .hasSize(1);
            }
        }
    }

    private AutoCloseable measure(KafkaStreams running) {
        measured.incrementAndGet();
        return measured::decrementAndGet;
    }

    private Topology failingOnce() {
        var topology = new Topology();
        topology.addSource("from", new ByteArrayDeserializer(), new ByteArrayDeserializer(), TOPIC);
        topology.addProcessor("failing", Failing::new, "from");
        return topology;
    }

    private final class Failing extends ContextualProcessor<byte[], byte[], Void, Void> {

        @Override
        public void process(Record<byte[], byte[]> record) {
            if (attempts.incrementAndGet() == 1) {
                throw new IllegalStateException("the first time");
            }
        }
    }

    private static void send(EmbeddedKafka kafka) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, new byte[] {1})).get();
        }
    }
}
