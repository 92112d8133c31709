package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeashTest {
    @TempDir private Path folder;

    /** A program that would run for ever. */
    static final class Endless {
        private Endless() {}

        public static void main(String[] arguments) throws InterruptedException {
            System.out.println("started with " + String.join(",", arguments));
            new CountDownLatch(1).await();
        }
    }

    @Test
    void theProgramEndsWhenItsOwnerLetsGo() throws Exception {
        Process process = new ProcessBuilder(command(Launcher.LEASHED)).start();
        assertThat(process.inputReader().readLine()).isEqualTo("started with a,b");

        process.getOutputStream().close();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aDetachedProgramWritesItsLogAndIsStoppedByItsHandle() throws Exception {
        Path log = folder.resolve("endless.log");
        ProcessHandle process =
                Launcher.DETACHED.start(
                        new Launch(command(Launcher.DETACHED), Map.of(), folder, log));
        await().until(() -> LogTail.lastLines(log, 1).equals(List.of("started with a,b")));

        Processes.stop(List.of(process), Duration.ofSeconds(20));

        assertThat(Processes.alive(process)).isFalse();
    }

    private static List<String> command(Launcher launcher) {
        List<String> command = new ArrayList<>(List.of(Jdk.java(), "-XX:+UseSerialGC"));
        command.addAll(
                Leashes.mainClass(
                        launcher,
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        Endless.class.getName()));
        command.addAll(List.of("a", "b"));
        return command;
    }
}
