package dev.openkcm.networking.kernel.test;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A real broker and a real schema registry for the tests of a service: in containers where Docker
 * answers, as processes of the embedded stack where it does not.
 *
 * <p>{@code openkcm.test.stack} says {@code containers}, {@code embedded} or, by default, {@code
 * auto}; {@code openkcm.test.kafka-image} and {@code openkcm.test.registry-image} name the images.
 */
public final class RealStack implements QuarkusTestResourceLifecycleManager {

    private static final String KAFKA = "apache/kafka";

    private final Deque<AutoCloseable> running = new ArrayDeque<>();

    @Override
    public Map<String, String> start() {
        String wanted = System.getProperty("openkcm.test.stack", "auto");
        boolean containers =
                switch (wanted) {
                    case "containers" -> true;
                    case "embedded" -> false;
                    case "auto" -> DockerClientFactory.instance().isDockerAvailable();
                    default ->
                            throw new IllegalArgumentException(
                                    "openkcm.test.stack must be auto, containers or embedded");
                };
        var settings = containers ? containers() : embedded();
        return Map.of(
                "kafka.bootstrap.servers",
                settings.bootstrapServers(),
                "schema.registry.url",
                settings.registryUrl(),
                "openkcm.state-dir",
                folder("state").toString(),
                "quarkus.http.test-port",
                "0",
                "quarkus.http.port",
                "0");
    }

    private record Endpoints(String bootstrapServers, String registryUrl) {}

    private Endpoints embedded() {
        var kafka = EmbeddedKafka.start(folder("kafka"));
        running.push(kafka);
        var registry = EmbeddedRegistry.start(folder("registry"));
        running.push(registry);
        return new Endpoints(kafka.bootstrapServers(), registry.url());
    }

    private Endpoints containers() {
        String kafkaImage = System.getProperty("openkcm.test.kafka-image", KAFKA + ":4.1.1");
        String registryImage =
                System.getProperty(
                        "openkcm.test.registry-image", "apicurio/apicurio-registry:3.3.3");
        var kafka =
                new KafkaContainer(
                                DockerImageName.parse(kafkaImage).asCompatibleSubstituteFor(KAFKA))
                        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                        .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
        kafka.start();
        running.push(kafka);
        var registry =
                new GenericContainer<>(DockerImageName.parse(registryImage))
                        .withExposedPorts(8080)
                        .waitingFor(Wait.forHttp("/apis/ccompat/v7/subjects").forPort(8080));
        registry.start();
        running.push(registry);
        return new Endpoints(
                kafka.getBootstrapServers(),
                "http://%s:%d/apis/ccompat/v7"
                        .formatted(registry.getHost(), registry.getMappedPort(8080)));
    }

    private static Path folder(String name) {
        try {
            return Files.createTempDirectory("openkcm-" + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("can't stop", e);
            }
        }
    }
}
