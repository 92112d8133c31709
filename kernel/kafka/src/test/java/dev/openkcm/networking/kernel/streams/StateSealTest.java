package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores are taken up as they were left, and only so. */
class StateSealTest {

    @TempDir Path folder;

    private StateSeal seal;
    private Path first;
    private Path second;

    @BeforeEach
    void storesOfTwoTasks() throws IOException {
        seal = new StateSeal(folder, "app", true);
        first = task("0_0");
        second = task("0_1");
    }

    private Path task(String name) throws IOException {
        var store = Files.createDirectories(folder.resolve("app/" + name + "/rocksdb/store"));
        Files.writeString(store.resolve("CURRENT"), "MANIFEST-000004\n");
        Files.writeString(store.resolve("000012.sst"), "table");
        var task = folder.resolve("app/" + name);
        Files.writeString(task.resolve(".checkpoint"), "0\n1\nchangelog 0 1712\n");
        return task;
    }

    private void restarted(Spoiling spoiling) throws IOException {
        seal.close();
        spoiling.happen();
        seal.open();
    }

    private void onlyTheTaskWhoseCheckpointSaysMoreIsDeleted() throws IOException {
        restarted(
                () -> Files.writeString(first.resolve(".checkpoint"), "0\n1\nchangelog 0 9712\n"));
        assertThat(first).doesNotExist();
        assertThat(second).exists();
    }

    private interface Spoiling {
        void happen() throws IOException;
    }

    @Test
    void whatIsAsItWasLeftIsTakenUp() throws IOException {
        restarted(() -> {});
        assertThat(first.resolve("rocksdb/store/000012.sst")).exists();
        assertThat(second.resolve(".checkpoint")).exists();
    }

    @Test
    void whatWasLeftLongAgoIsBuiltAnewBeforeTheChangelogForgetsWhatIsGone() throws IOException {
        var age = StateSeal.GONE_FOR.dividedBy(2).plusMinutes(1);
        var left = FileTime.from(Instant.now().minus(age));
        restarted(() -> Files.setLastModifiedTime(first.resolve(".checkpoint"), left));
        assertThat(first).doesNotExist();
        assertThat(second).exists();
    }

    @Test
    void aCheckpointThatSaysMoreIsNotBelieved() throws IOException {
        onlyTheTaskWhoseCheckpointSaysMoreIsDeleted();
    }

    @Test
    void aFileThatIsMissingOrShorterIsNoticed() throws IOException {
        restarted(() -> {
            Files.delete(first.resolve("rocksdb/store/000012.sst"));
            Files.writeString(second.resolve("rocksdb/store/000012.sst"), "tab");
        });
        assertThat(first).doesNotExist();
        assertThat(second).doesNotExist();
    }

    @Test
    void afterAKillNothingThatClaimsToBeCompleteIsTakenUp() throws IOException {
        restarted(() -> {});
        Files.delete(second.resolve(".checkpoint"));
        seal.open();
        assertThat(first).doesNotExist();
        // Kafka Streams itself deletes what tells nothing.
        assertThat(second).exists();
    }

    @Test
    void afterAKillWhatWorksAtLeastOnceIsTakenUp() throws IOException {
        seal = new StateSeal(folder, "app", false);
        seal.open();
        assertThat(first).exists();
        onlyTheTaskWhoseCheckpointSaysMoreIsDeleted();
    }

    @Test
    void aSpoiltSealIsNone() throws IOException {
        restarted(() -> Files.write(folder.resolve("app.seal"), new byte[] {-1, 32, 0, 10, 32, 7}));
        assertThat(first).doesNotExist();
    }

    @Test
    void whereNothingIsThereIsNothingToSeal() throws IOException {
        var none = new StateSeal(folder, "none", true);
        none.open();
        none.close();
        assertThat(folder.resolve("none.seal")).doesNotExist();
    }
}
