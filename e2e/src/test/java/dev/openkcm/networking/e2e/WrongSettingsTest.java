package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.deploy.ServiceDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings are read before anything else is started. */
class WrongSettingsTest {

    @TempDir private Path folder;

    @Test
    void allAreToldByNameAndTheServiceEnds() throws IOException, InterruptedException {
        var jar = Programs.ROOT.resolve("services/network/target/quarkus-app/quarkus-run.jar");
        var builder = new ProcessBuilder(ServiceDefinition.command(jar, List.of("-Xmx256m")));
        builder.redirectErrorStream(true);
        builder.environment().put("OPENKCM_STATE_DIR", folder.toString());
        builder.environment().put("OPENKCM_NETWORK_IDS_MIN", "first");
        builder.environment().put("OPENKCM_TOPICS_PARTITIONS", "many");

        var process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said)
                .contains("openkcm.network.ids.min")
                .contains("\"first\"")
                .contains("openkcm.topics.partitions")
                .contains("\"many\"")
                .doesNotContain("\tat ");
    }
}
