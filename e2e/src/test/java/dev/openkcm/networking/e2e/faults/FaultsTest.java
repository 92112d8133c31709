package dev.openkcm.networking.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever happens to it, the platform answers every command once and shows what follows from its
 * log.
 *
 * <p>{@code -Dfaults.seed=N} repeats a run, {@code -Dfaults.times=N} inflicts each fault so often,
 * {@code -Dfaults.only=REGEX} chooses faults. Without them a short run of a few faults.
 */
class FaultsTest {
    private static final long SEED = Long.getLong("faults.seed", 1);
    private static final int TIMES = Integer.getInteger("faults.times", 1);
    private static final int PER_SECOND = Integer.getInteger("faults.rate", 60);
    private static final String SHORT =
            "kill -9 of a service|poison of every sort on the commands topics";
    private static final String ONLY = System.getProperty("faults.only", SHORT);
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final List<String> table = new ArrayList<>();
    private final long started = System.nanoTime();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    @Test
    void nothingIsLostNothingIsDoubledAndAllAgrees() throws Exception {
        note("seed %d, faults: %s".formatted(SEED, ONLY));
        var failures = new ArrayList<String>();
        var random = new Random(SEED);
        table.add("| fault | times | commands in flight | longest wait for an answer | verify |");
        table.add("|---|---|---|---|---|");
        try (var world = new World(folder);
                var load = new Load(SEED, world.bootstrapServers(), World.services(), PER_SECOND)) {
            note("%d instances are ready".formatted(world.instances().size()));
            for (var fault : Faults.ALL.entrySet()) {
                if (fault.getKey().matches(ONLY)) {
                    round(world, load, random, fault.getKey(), fault.getValue(), failures);
                }
            }
            note(
                    "sent %d, acked %d, failed %d"
                            .formatted(load.sent(), load.acked(), load.failed()));
        } finally {
            report();
        }
        assertThat(failures).as("seed %d", SEED).isEmpty();
    }

    private void round(
            World world, Load load, Random random, String name, Fault fault, List<String> failures)
            throws Exception {
        long before = load.sent();
        int times = 0;
        load.run();
        try {
            for (; times < TIMES; times++) {
                Thread.sleep(500 + random.nextInt(1_500));
                note("%s: %s".formatted(name, fault.inflict(world, load, random)));
                if (TIMES > 1 && random.nextBoolean()) {
                    world.awaitReady(); // Else the next one meets what is still recovering.
                }
            }
        } catch (Faults.Skipped skipped) {
            note("%s is skipped: %s".formatted(name, skipped.getMessage()));
            table.add("| %s | 0 | | | skipped: %s |".formatted(name, skipped.getMessage()));
            load.pause();
            return;
        }
        world.awaitReady();
        load.pause();
        try {
            await().atMost(PATIENCE).until(() -> load.open() == 0);
        } catch (ConditionTimeoutException late) {
            failures.add("%s: %d commands are not answered".formatted(name, load.open()));
        }
        Duration gap = load.longestGap();
        var verdict = world.verify(Duration.ofSeconds(30));
        long commands = load.sent() - before;
        note(
                "%s: %d commands, longest wait %d ms, verify %d"
                        .formatted(name, commands, gap.toMillis(), verdict.code()));
        table.add(
                "| %s | %d | %d | %.1f s | %s |"
                        .formatted(
                                name,
                                times,
                                commands,
                                gap.toMillis() / 1_000.0,
                                verdict.code() == 0 ? "agrees" : "**differs**"));
        if (verdict.code() != 0) {
            note("%s".formatted(verdict.output()));
            failures.add(name + ":\n" + verdict.output());
        }
    }

    private void note(String text) {
        System.out.printf("%8.1f s  %s%n", (System.nanoTime() - started) / 1e9, text);
    }

    private void report() throws IOException {
        table.forEach(System.out::println);
        Files.createDirectories(Path.of("target/faults"));
        Files.write(Path.of("target/faults/report-" + SEED + ".md"), table);
    }
}
