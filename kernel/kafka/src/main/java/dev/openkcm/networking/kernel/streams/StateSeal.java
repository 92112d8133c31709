package dev.openkcm.networking.kernel.streams;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an application had on disk when it was stopped in order.
 *
 * <p>Kafka Streams believes the file that tells how far a store is. Where that file says more than
 * is in the store, what happened meanwhile is never restored: another instance decides, this one
 * takes over again, and decides the same once more. So the stores of a task are taken up only as
 * they were left; else they are deleted, and built anew from their changelogs.
 *
 * <p>Nor are they taken up when a changelog may have forgotten what was deleted since.
 *
 * <p>The seal is broken when the application starts: after a kill nothing is taken up. An
 * application that works at least once is the exception, since its stores are good then.
 */
final class StateSeal {

    private static final Logger LOG = LoggerFactory.getLogger(StateSeal.class);

    /**
     * How long a changelog tells that a row is gone, at least. Who restores must have read on by
     * then from where a checkpoint left off.
     */
    static final Duration GONE_FOR = Duration.ofHours(1);

    /** How old a checkpoint may be, so that there is time to restore. */
    private static final Duration GOOD_FOR = GONE_FOR.dividedBy(2);

    private static final String CHECKPOINT = ".checkpoint";

    /** Small files without a checksum of their own; tables and manifests have them inside. */
    private static final Set<String> READ = Set.of(CHECKPOINT, "CURRENT");

    private final boolean exactlyOnce;
    private final Path folder;
    private final Path seal;

    /**
     * Creates the seal of an application.
     *
     * @param stateDir of all applications of the process
     */
    StateSeal(Path stateDir, String applicationId, boolean exactlyOnce) {
        this.exactlyOnce = exactlyOnce;
        this.folder = stateDir.resolve(applicationId);
        this.seal = stateDir.resolve(applicationId + ".seal");
    }

    /** Before the start: deletes what is not as it was left. */
    void open() {
        try {
            if (!exactlyOnce && !Files.exists(seal)) {
                return;
            }
            var left = read();
            Files.deleteIfExists(seal);
            for (Path task : tasks()) {
                String name = task.getFileName().toString();
                var checkpoint = task.resolve(CHECKPOINT);
                if (Files.exists(checkpoint) && !sum(task).equals(left.get(name))) {
                    LOG.warn("{} is not as it was left by an orderly stop; built anew", task);
                    Utils.delete(task.toFile());
                } else if (exactlyOnce && outdated(checkpoint)) {
                    LOG.info("{} was left too long ago to follow what is gone; built anew", task);
                    Utils.delete(task.toFile());
                }
            }
        } catch (IOException failure) {
            throw new IllegalStateException(
                    "the local stores below %s can't be read: %s".formatted(folder, failure),
                    failure);
        }
    }

    private static boolean outdated(Path checkpoint) throws IOException {
        return Files.exists(checkpoint)
                && Files.getLastModifiedTime(checkpoint)
                        .toInstant()
                        .isBefore(Instant.now().minus(GOOD_FOR));
    }

    /** After an orderly stop. */
    void close() {
        try {
            var lines = new ArrayList<String>();
            for (Path task : tasks()) {
                lines.add(task.getFileName() + " " + sum(task));
            }
            if (!lines.isEmpty()) {
                Files.write(seal, lines);
            }
        } catch (IOException failure) {
            LOG.warn("The local stores below {} are built anew at the next start", folder, failure);
        }
    }

    private Map<String, String> read() throws IOException {
        var sums = new HashMap<String, String>();
        if (Files.exists(seal)) {
            // Whatever became of the file, it is read; what makes no sense is no sum of anything.
            for (String line :
                    new String(Files.readAllBytes(seal), StandardCharsets.ISO_8859_1)
                            .split("\n", -1)) {
                int blank = line.indexOf(' ');
                if (blank > 0) {
                    sums.put(line.substring(0, blank), line.substring(blank + 1));
                }
            }
        }
        return sums;
    }

    private List<Path> tasks() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            return all.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** Of names and lengths of all files, and of what the small ones say. */
    private static String sum(Path task) throws IOException {
        var sum = new CRC32C();
        for (Path file : files(task)) {
            String name = task.relativize(file).toString();
            sum.update(name.getBytes(StandardCharsets.UTF_8));
            sum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, Files.size(file)));
            if (READ.contains(file.getFileName().toString())) {
                sum.update(Files.readAllBytes(file));
            }
        }
        return Long.toHexString(sum.getValue());
    }

    private static List<Path> files(Path task) throws IOException {
        try (var all = Files.walk(task)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
