package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that know nothing of us but topics and schemas create and read networks. */
class ForeignClientsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir private static Path folder;

    private static EmbeddedKafka kafka;
    private static EmbeddedRegistry registry;
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        registry = EmbeddedRegistry.start(folder.resolve("registry"));
        service =
                new ServiceProcess(
                        "services/network",
                        Ports.free(1).getFirst(),
                        folder,
                        kafka.bootstrapServers(),
                        registry.url());
        service.start();
        service.awaitReady(Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() {
        service.close();
        registry.close();
        kafka.close();
    }

    private static String network(String name) {
        return service.get(
                "/apis/networking.openkcm.dev/v1alpha1/namespaces/foreign/networks/" + name);
    }

    @Test
    void kafkajsPublishesAnAvroCommandAndReadsEventsAndState() throws IOException {
        assumeThat(Programs.installed("npm")).as("npm is installed").isTrue();
        var install = Programs.installLibraries();
        assertThat(install.code()).as(install.output()).isZero();

        var outcome =
                Programs.run(
                        "",
                        "timeout",
                        "60",
                        "node",
                        "network.mjs",
                        kafka.bootstrapServers(),
                        registry.url(),
                        "foreign",
                        "by-kafkajs");

        assertThat(outcome.code()).as(outcome.output()).isZero();
        var seen = new ObjectMapper().readTree(outcome.output());
        assertThat(seen.path("results").path(0).path("outcome").asText()).isEqualTo("Accepted");
        assertThat(seen.path("events").findValuesAsText("type"))
                .containsExactly("NetworkCreated", "NetworkIdAssigned");
        assertThat(seen.path("events").findValuesAsText("causedBy"))
                .isEqualTo(List.of("foreign-1", "foreign-1"));
        assertThat(seen.path("state").path("state").asText()).isEqualTo("Available");
    }

    @Test
    void kcatPublishesAManifestAndANullWithItsOwnPartitioner() throws IOException {
        assumeThat(Programs.installed("kcat")).as("kcat is installed").isTrue();
        String[] names = {"by-kcat-1", "by-kcat-2", "by-kcat-3", "by-kcat-4"};
        for (String name : names) {
            var created =
                    Programs.run(
                            "{\"apiVersion\": \"networking.OpenKCM.dev/v1alpha1\","
                                    + " \"kind\": \"Network\", \"metadata\": {\"name\": \""
                                    + name
                                    + "\"}}",
                            "kcat",
                            "-P",
                            "-b",
                            kafka.bootstrapServers(),
                            "-t",
                            "openkcm.network.commands.v1",
                            "-k",
                            "foreign/" + name);
            assertThat(created.code()).as(created.output()).isZero();
        }
        for (String name : names) {
            await().atMost(SOON).until(() -> network(name).startsWith("200 "));
        }
        for (String name : names) {
            Programs.run(
                    "foreign/" + name + ":\n",
                    "kcat",
                    "-P",
                    "-Z",
                    "-K:",
                    "-b",
                    kafka.bootstrapServers(),
                    "-t",
                    "openkcm.network.commands.v1");
            await().atMost(SOON).until(() -> network(name).startsWith("404 "));
        }
    }
}
