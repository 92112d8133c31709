package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of a service share its work and answer for each other. */
class TwoInstancesTest {

    private static final String ROOT = "/apis/networking.openkcm.dev/v1alpha1/namespaces/two/";
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int NETWORKS = 40;

    @TempDir private Path folder;

    private EmbeddedKafka kafka;
    private EmbeddedRegistry registry;
    private final List<ServiceProcess> instances = new ArrayList<>();

    @BeforeEach
    void start() {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        registry = EmbeddedRegistry.start(folder.resolve("registry"));
        for (int ordinal = 0; ordinal < 2; ordinal++) {
            var instance =
                    new ServiceProcess(
                            "services/network",
                            Ports.free(1).getFirst(),
                            folder,
                            kafka.bootstrapServers(),
                            registry.url(),
                            ordinal);
            instances.add(instance);
            instance.start();
        }
        instances.forEach(i -> i.awaitReady(SOON));
    }

    @AfterEach
    void stop() {
        instances.forEach(ServiceProcess::close);
        registry.close();
        kafka.close();
    }

    private void createNetworks(String prefix) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < NETWORKS; i++) {
                byte[] manifest =
                        "{\"apiVersion\": \"networking.OpenKCM.dev/v1alpha1\", \"kind\": \"Network\"}"
                                .getBytes(StandardCharsets.UTF_8);
                var _ =
                        producer.send(
                                new ProducerRecord<>(
                                        "openkcm.network.commands.v1",
                                        "two/" + prefix + i,
                                        manifest));
            }
        }
    }

    private static boolean knows(ServiceProcess instance, String name) {
        return instance.get(ROOT + "networks/" + name).startsWith("200 ");
    }

    private static int listed(ServiceProcess instance) throws IOException {
        String answer = instance.get(ROOT + "networks");
        return answer.startsWith("200 ")
                ? new ObjectMapper().readTree(answer.substring(4)).path("items").size()
                : -1;
    }

    /** Of requests that were passed on already, an instance answers only what is its own. */
    private static long owned(ServiceProcess instance) {
        return java.util.stream.IntStream.range(0, NETWORKS)
                .filter(i ->
                        instance.get(ROOT + "networks/a" + i, Map.of("openkcm-hop", "1"))
                                .startsWith("200 "))
                .count();
    }

    @Test
    void eachAnswersForBothAndOneTakesOverWhenTheOtherIsKilled() throws IOException {
        createNetworks("a");
        for (var instance : instances) {
            for (int i = 0; i < NETWORKS; i++) {
                String name = "a" + i;
                await().atMost(SOON).until(() -> knows(instance, name));
            }
            await().atMost(SOON).until(() -> listed(instance) == NETWORKS);
        }
        assertThat(owned(instances.get(0))).isBetween(1L, NETWORKS - 1L);
        assertThat(owned(instances.get(0)) + owned(instances.get(1))).isEqualTo(NETWORKS);

        instances.get(1).kill();
        createNetworks("b");

        var survivor = instances.get(0);
        for (int i = 0; i < NETWORKS; i++) {
            String old = "a" + i;
            String created = "b" + i;
            await().atMost(SOON).until(() -> knows(survivor, old) && knows(survivor, created));
        }
        await().atMost(SOON).until(() -> listed(survivor) == 2 * NETWORKS);

        instances.get(1).start();
        instances.get(1).awaitReady(SOON);
        await().atMost(SOON).until(() -> listed(instances.get(1)) == 2 * NETWORKS);
        await().atMost(SOON).until(() -> owned(instances.get(1)) > 0);
        everyCommandHasOneAnswer();
    }

    private void everyCommandHasOneAnswer() {
        var results = new Topics(kafka.bootstrapServers()).headers("openkcm.network.results.v1");
        assertThat(results).hasSize(2 * NETWORKS);
        assertThat(results).extracting(r -> r.get("ce_causedby")).doesNotHaveDuplicates();
    }
}
