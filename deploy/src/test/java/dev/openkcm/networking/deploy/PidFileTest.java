package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
    private static final ProcessHandle SELF = ProcessHandle.current();

    @TempDir private Path folder;

    private PidFile file = new PidFile(Path.of("unset"));

    @BeforeEach
    void name() {
        file = new PidFile(folder.resolve("pids/one"));
    }

    @Test
    void findsTheProcessThatWasWritten() {
        file.write(SELF);

        assertThat(file.process()).contains(SELF);
    }

    @Test
    void aPidThatWasGivenToAnotherProcessIsNoneOfOurs() throws Exception {
        file.write(SELF);
        Files.writeString(file.file(), SELF.pid() + " 1000000\n");

        assertThat(file.process()).isEmpty();
        assertThat(file.exists()).isTrue();
    }

    @Test
    void aProcessThatEndedIsNotFound() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        file.write(ended.toHandle());
        ended.waitFor();

        assertThat(file.process()).isEmpty();
    }

    @Test
    void aFileThatWasCutOffNamesNobody() throws Exception {
        file.write(SELF);
        Files.writeString(file.file(), "12");

        assertThat(file.process()).isEmpty();
    }
}
