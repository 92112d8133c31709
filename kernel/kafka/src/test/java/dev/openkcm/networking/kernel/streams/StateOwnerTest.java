package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance goes on with what is its own, and with nothing else. */
class StateOwnerTest {

    @TempDir Path folder;

    private Path process;

    @BeforeEach
    void ranBefore() throws IOException {
        process =
                Files.createDirectory(folder.resolve("app"))
                        .resolve("kafka-streams-process-metadata");
        Files.writeString(process, "{\"processId\":\"83880547\"}");
        owner("app-0").keep();
    }

    private StateOwner owner(String member) {
        return new StateOwner(folder, "app", member);
    }

    @Test
    void whatIsItsOwnIsTakenUp() {
        owner("app-0").open();
        assertThat(process).exists();
    }

    @Test
    void aCopyOfAnothersFolderIsDeleted() {
        owner("app-1").open();
        assertThat(process.getParent()).doesNotExist();
    }

    @Test
    void anIdThatCameFromElsewhereIsDeleted() throws IOException {
        Files.writeString(process, "{\"processId\":\"3195723f\"}");
        owner("app-0").open();
        assertThat(process.getParent()).doesNotExist();
    }

    @Test
    void afterAnotherStartItIsItsOwn() throws IOException {
        var owner = owner("app-1");
        owner.open();
        Files.createDirectory(process.getParent());
        Files.writeString(process, "{\"processId\":\"aac00ac7\"}");
        owner.keep();
        owner("app-1").open();
        assertThat(process).exists();
    }

    @Test
    void aFolderOfAnEarlierReleaseIsTakenUp() throws IOException {
        Files.delete(folder.resolve("app.owner"));
        owner("app-1").open();
        assertThat(process).exists();
    }
}
