package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The process that listens on a port, as far as this machine tells. */
record PortOwner(long pid, String commandLine) {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";
    private static final int SHOWN = 160;

    static Optional<PortOwner> of(int port) {
        if (!Files.isDirectory(PROC.resolve("self/fd"))) {
            return Optional.empty();
        }
        Set<String> sockets = new HashSet<>();
        sockets.addAll(listeners(PROC.resolve("net/tcp"), port));
        sockets.addAll(listeners(PROC.resolve("net/tcp6"), port));
        return sockets.isEmpty() ? Optional.empty() : holder(sockets);
    }

    @Override
    public String toString() {
        return "pid " + pid + " (" + commandLine + ")";
    }

    private static Set<String> listeners(Path table, int port) {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        Set<String> inodes = new HashSet<>();
        try {
            for (String line : Files.readAllLines(table)) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 9
                        && fields[1].endsWith(suffix)
                        && fields[3].equals(LISTENING)) {
                    inodes.add("socket:[" + fields[9] + "]");
                }
            }
        } catch (IOException e) {
            return inodes;
        }
        return inodes;
    }

    private static Optional<PortOwner> holder(Set<String> sockets) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process.resolve("fd"), sockets)) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    return Optional.of(new PortOwner(pid, commandLine(process)));
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean holds(Path descriptors, Set<String> sockets) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException e) {
            // Processes end while they are looked at, and those of other users are not ours to see.
            return false;
        }
        return false;
    }

    private static String commandLine(Path process) {
        try {
            String line =
                    new String(
                                    Files.readAllBytes(process.resolve("cmdline")),
                                    StandardCharsets.UTF_8)
                            .replace('\0', ' ')
                            .strip();
            return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
        } catch (IOException e) {
            return "command line unknown";
        }
    }
}
