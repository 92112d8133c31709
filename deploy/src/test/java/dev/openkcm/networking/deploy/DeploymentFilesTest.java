package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files for containers name every service there is, by the ports of the contract. */
class DeploymentFilesTest {

    private static final Path FOLDER = Path.of("").toAbsolutePath();
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void composeRunsEveryService() throws IOException {
        var services = read("compose.yaml").path("services");
        for (var service : ServiceDefinition.ALL) {
            var described = services.path(service.name());
            String port = service.port() + ":" + service.port();
            assertThat(described.path("ports").path(0).asText()).isEqualTo(port);
            assertThat(described.path("build").path("args").path("SERVICE").asText())
                    .isEqualTo(service.name());
            assertThat(described.path("environment").path("OPENKCM_HOST").asText())
                    .isEqualTo(service.name());
        }
        assertThat(services.size()).isEqualTo(ServiceDefinition.ALL.size() + 2);
    }

    @Test
    void kubernetesRunsEveryService() throws IOException {
        var whole = new ArrayList<String>();
        read("kubernetes/kustomization.yaml")
                .path("resources")
                .forEach(resource -> whole.add(resource.asText()));
        for (var service : ServiceDefinition.ALL) {
            assertThat(whole).contains(service.name());
            var described = read("kubernetes/" + service.name() + "/kustomization.yaml");
            assertThat(described.path("nameSuffix").asText()).isEqualTo("-" + service.name());
            assertThat(patched(described))
                    .containsExactly(
                            "" + service.port(),
                            "" + service.port(),
                            "$(POD_NAME).openkcm-" + service.name());
        }
    }

    private static List<String> patched(JsonNode kustomization) throws IOException {
        var values = new ArrayList<String>();
        for (var patch : kustomization.path("patches")) {
            for (var operation : YAML.readTree(patch.path("patch").asText())) {
                values.add(operation.path("value").asText());
            }
        }
        return values;
    }

    private static JsonNode read(String file) throws IOException {
        return YAML.readTree(FOLDER.resolve(file).toFile());
    }
}
