package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.internals.StateDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance has one id for ever, and goes on with what is its own and with nothing else. */
class ProcessIdentityTest {

    @TempDir Path folder;

    private Path store;

    @BeforeEach
    void ranBefore() throws IOException {
        identity("app-0").establish();
        store = Files.createDirectory(folder.resolve("app").resolve("0_0"));
    }

    private ProcessIdentity identity(String member) {
        return new ProcessIdentity(folder, "app", member);
    }

    /** As Kafka Streams reads it. */
    private UUID id() {
        var config =
                new StreamsConfig(
                        Map.of(
                                StreamsConfig.APPLICATION_ID_CONFIG,
                                "app",
                                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                                "localhost:1",
                                StreamsConfig.STATE_DIR_CONFIG,
                                folder.toString(),
                                StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG,
                                Serdes.ByteArraySerde.class));
        var directory = new StateDirectory(config, Time.SYSTEM, true, false);
        try {
            return directory.initializeProcessId();
        } finally {
            directory.close();
        }
    }

    @Test
    void whatIsItsOwnIsTakenUp() {
        identity("app-0").establish();
        assertThat(store).exists();
    }

    @Test
    void aCopyOfAnothersFolderIsDeleted() {
        var first = id();
        identity("app-1").establish();
        assertThat(store).doesNotExist();
        assertThat(id()).isNotEqualTo(first);
    }

    @Test
    void whatIsDamagedIsDeleted() throws IOException {
        var first = id();
        Files.writeString(
                folder.resolve("app").resolve("kafka-streams-process-metadata"), "{\"proc");
        identity("app-0").establish();
        assertThat(store).doesNotExist();
        assertThat(id()).isEqualTo(first);
    }

    @Test
    void withoutItsFolderItHasTheSameId() throws IOException {
        var first = id();
        Utils.delete(folder.resolve("app").toFile());
        identity("app-0").establish();
        assertThat(id()).isEqualTo(first);
    }
}
