package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir private Path data;

    @Test
    void aSchemaKeepsItsIdOverARestartAndAKill() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(data)) {
            String first = register(registry, "first-value", "string");
            registry.stop();
            registry.start();
            String second = register(registry, "second-value", "long");
            registry.kill();
            registry.start();

            assertThat(register(registry, "first-value", "string")).isEqualTo(first);
            assertThat(register(registry, "second-value", "long"))
                    .isEqualTo(second)
                    .isNotEqualTo(first);
            assertThat(get(registry, "/subjects")).contains("first-value", "second-value");
        }
    }

    private String register(EmbeddedRegistry registry, String subject, String type)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(registry.url() + "/subjects/" + subject + "/versions"))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(BodyPublishers.ofString("{\"schema\":\"\\\"" + type + "\\\"\"}"))
                        .build();
        String answer = http.send(request, BodyHandlers.ofString()).body();
        assertThat(answer).matches("\\{\"id\":[0-9]+.*\\}");
        return answer.replaceAll("\\{\"id\":([0-9]+).*", "$1");
    }

    private String get(EmbeddedRegistry registry, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(registry.url() + path)).build(),
                        BodyHandlers.ofString())
                .body();
    }
}
