package dev.openkcm.networking.cli.command;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A log file read from where it was left the last time. */
final class FollowedLog {
    private static final int CHUNK = 1 << 20;

    private final String name;
    private final Path file;
    private long position;

    private FollowedLog(String name, Path file, long position) {
        this.name = name;
        this.file = file;
        this.position = position;
    }

    static FollowedLog fromItsEnd(String name, Path file) {
        return new FollowedLog(name, file, size(file));
    }

    String name() {
        return name;
    }

    /** The complete lines written since the last call. */
    List<String> newLines() {
        long size = size(file);
        if (size < position) {
            // Rotated: what follows is a new file.
            position = 0;
        }
        if (size == position) {
            return List.of();
        }
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            open.seek(position);
            byte[] bytes = new byte[(int) Math.min(CHUNK, size - position)];
            open.readFully(bytes);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            if (end == 0 && bytes.length == CHUNK) {
                end = bytes.length;
            }
            position += end;
            return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
