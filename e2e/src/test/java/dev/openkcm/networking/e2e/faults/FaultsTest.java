package dev.openkcm.networking.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * {@code -Dfaults.only=REGEX} chooses faults, {@code -Dfaults.group=N} asks for the verdict after
 * every N faults. Without them a short run of a few faults, with a verdict after all of them.
 */
class FaultsTest {
    private static final long SEED = Long.getLong("faults.seed", 1);
    private static final int TIMES = Integer.getInteger("faults.times", 1);
    private static final String SHORT =
            "kill -9 of a service|poison of every sort on the commands topics";
    private static final String ONLY = System.getProperty("faults.only", SHORT);

    /** The short run is for machines that have other tests to run. */
    private static final int PER_SECOND =
            Integer.getInteger("faults.rate", ONLY.equals(SHORT) ? 20 : 60);

    private static final int GROUP =
            Integer.getInteger("faults.group", ONLY.equals(SHORT) ? Integer.MAX_VALUE : 1);
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
        table.add(
                "| fault | times | commands meanwhile | longest wait for an answer | memory | threads | files | state | verify |");
        table.add("|---|---|---|---|---|---|---|---|---|");
        try (var world = new World(folder);
                var load = new Load(SEED, world.bootstrapServers(), World.services(), PER_SECOND)) {
            note("%d instances are ready".formatted(world.instances().size()));
            var chosen =
                    Faults.ALL.entrySet().stream()
                            .filter(fault -> fault.getKey().matches(ONLY))
                            .toList();
            int group = Math.min(GROUP, Math.max(1, chosen.size()));
            for (int from = 0; from < chosen.size(); from += group) {
                var seen = new ArrayList<Seen>();
                for (var fault : chosen.subList(from, Math.min(from + group, chosen.size()))) {
                    round(world, load, random, fault.getKey(), fault.getValue(), failures)
                            .ifPresent(seen::add);
                }
                judge(world, seen, failures);
            }
            note(
                    "sent %d, acked %d, failed %d"
                            .formatted(load.sent(), load.acked(), load.failed()));
        } finally {
            report();
        }
        assertThat(failures).as("seed %d", SEED).isEmpty();
    }

    /** What a fault did, before the log and all that is shown were compared. */
    private record Seen(
            String fault,
            int times,
            long commands,
            Duration longestWait,
            Resources before,
            Resources after) {}

    private Optional<Seen> round(
            World world, Load load, Random random, String name, Fault fault, List<String> failures)
            throws Exception {
        var before = Resources.most(world.resources());
        long sent = load.sent();
        int times = 0;
        load.run();
        try {
            for (; times < TIMES; times++) {
                Thread.sleep(500 + random.nextInt(1_500));
                note("%s: %s".formatted(name, fault.inflict(world, load, random)));
                if (TIMES > 1 && random.nextBoolean()) {
                    // Else the next one meets what is still recovering.
                    awaitReady(world, name, failures);
                }
            }
        } catch (Faults.Skipped skipped) {
            note("%s is skipped: %s".formatted(name, skipped.getMessage()));
            table.add("| %s | 0 | | | | | | | skipped: %s |".formatted(name, skipped.getMessage()));
            load.pause();
            return Optional.empty();
        }
        awaitReady(world, name, failures);
        load.pause();
        try {
            await().atMost(PATIENCE).until(() -> load.open() == 0);
        } catch (ConditionTimeoutException late) {
            failures.add("%s: %d commands are not answered".formatted(name, load.open()));
        }
        var all = world.resources();
        var seen =
                new Seen(
                        name,
                        times,
                        load.sent() - sent,
                        load.longestGap(),
                        before,
                        Resources.most(all));
        note(
                "%s: %d commands, longest wait %d ms; now %s"
                        .formatted(name, seen.commands(), seen.longestWait().toMillis(), all));
        return Optional.of(seen);
    }

    private static void awaitReady(World world, String fault, List<String> failures) {
        try {
            world.awaitReady();
        } catch (ConditionTimeoutException late) {
            failures.add("%s: %s".formatted(fault, late.getMessage()));
        }
    }

    /** One verdict over everything that happened since the last one. */
    private void judge(World world, List<Seen> seen, List<String> failures) {
        if (seen.isEmpty()) {
            return;
        }
        var verdict = world.verify(Duration.ofSeconds(30));
        note("verify says %d, dead letters %s".formatted(verdict.code(), deadLetters(verdict)));
        for (var one : seen) {
            table.add(
                    "| %s | %d | %d | %.1f s | %d → %d MB | %d → %d | %d → %d | %.1f → %.1f MB | %s |"
                            .formatted(
                                    one.fault(),
                                    one.times(),
                                    one.commands(),
                                    one.longestWait().toMillis() / 1_000.0,
                                    one.before().memory(),
                                    one.after().memory(),
                                    one.before().threads(),
                                    one.after().threads(),
                                    one.before().files(),
                                    one.after().files(),
                                    one.before().state(),
                                    one.after().state(),
                                    verdict.agrees() ? "agrees" : "**differs**"));
        }
        if (!verdict.agrees()) {
            note("%s".formatted(verdict.output()));
            failures.add(seen.stream().map(Seen::fault).toList() + ":\n" + verdict.output());
        }
    }

    private static String deadLetters(World.Verdict verdict) {
        return verdict.output()
                .lines()
                .filter(line -> line.startsWith("what was set aside"))
                .map(line -> line.replaceAll("^\\D+(\\d+).*$", "$1"))
                .findFirst()
                .orElse("0");
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
