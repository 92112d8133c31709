package dev.openkcm.networking.e2e.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What an instance has of the machine, by the operating system.
 *
 * @param memory resident, in megabytes
 * @param files open ones, and sockets
 * @param state what its state folder takes, in megabytes
 */
record Resources(String instance, long memory, long threads, long files, double state) {

    static Resources of(Instance instance) {
        var process = Path.of("/proc", String.valueOf(instance.process().pid()));
        try {
            return new Resources(
                    instance.name(),
                    resident(process) / 1_000,
                    entries(process.resolve("task")),
                    entries(process.resolve("fd")),
                    instance.stateFiles("").stream().mapToLong(Resources::size).sum() / 1e6);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long resident(Path process) throws IOException {
        try (var lines = Files.lines(process.resolve("status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        }
    }

    private static long entries(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.count();
        }
    }

    /** RocksDB deletes files at any time. */
    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException gone) {
            return 0;
        }
    }

    /** The most that any of them has of each. */
    static Resources most(List<Resources> all) {
        return new Resources(
                "most",
                all.stream().mapToLong(Resources::memory).max().orElse(0),
                all.stream().mapToLong(Resources::threads).max().orElse(0),
                all.stream().mapToLong(Resources::files).max().orElse(0),
                all.stream().mapToDouble(Resources::state).max().orElse(0));
    }

    @Override
    public String toString() {
        return "%s %d MB, %d threads, %d files, state %.1f MB"
                .formatted(instance, memory, threads, files, state);
    }
}
