package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a log file. */
public final class LogTail {
    private static final int BYTES_PER_LINE = 512;

    private LogTail() {}

    /** At most that many last lines, without reading the whole file. */
    public static List<String> lastLines(Path log, int count) {
        if (!Files.isRegularFile(log)) {
            return List.of();
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long wanted = Math.min(file.length(), Math.max(1, (long) count) * BYTES_PER_LINE);
            file.seek(file.length() - wanted);
            byte[] end = new byte[(int) wanted];
            file.readFully(end);
            List<String> lines = new String(end, StandardCharsets.UTF_8).lines().toList();
            boolean cutInALine = wanted < file.length() && lines.size() > 1;
            int from = Math.max(cutInALine ? 1 : 0, lines.size() - count);
            return lines.subList(from, lines.size());
        } catch (IOException e) {
            return List.of("(" + log + " cannot be read: " + e.getMessage() + ")");
        }
    }
}
