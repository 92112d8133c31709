package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A file that names a process by pid and start time, because a pid alone is given to strangers
 * later.
 */
record PidFile(Path file) {
    /** Start times are derived from the clock at boot, which drifts by a tick or is corrected. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    void write(ProcessHandle process) {
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, process.pid() + " " + started + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** The process that was written, if it still is that process and lives. */
    Optional<ProcessHandle> process() {
        try {
            String[] fields = Files.readString(file).strip().split(" ", -1);
            Instant started = Instant.ofEpochMilli(Long.parseLong(fields[1]));
            return ProcessHandle.of(Long.parseLong(fields[0]))
                    .filter(Processes::alive)
                    .filter(process ->
                            process.info()
                                    .startInstant()
                                    .map(now ->
                                            Duration.between(started, now)
                                                            .abs()
                                                            .compareTo(TOLERANCE)
                                                    <= 0)
                                    .orElse(true));
        } catch (IOException | RuntimeException e) {
            // A file that was cut off while it was written names nobody.
            return Optional.empty();
        }
    }
}
