package dev.openkcm.networking.e2e.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A small file system of its own in the place of a folder, with what the folder had; closing it
 * puts what it has by then back into the folder.
 */
final class SmallDisk implements AutoCloseable {
    private final Path folder;
    private final Path aside;

    private SmallDisk(Path folder, Path aside) {
        this.folder = folder;
        this.aside = aside;
    }

    /** Nobody may have a file of the folder open. */
    static SmallDisk inPlaceOf(Path folder, int freeMegabytes)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var aside = folder.resolveSibling(folder.getFileName() + ".aside");
        Instance.delete(aside);
        copy(folder, aside);
        long size = used(folder) + ((long) freeMegabytes << 10);
        if (!done("mount", "-t", "tmpfs", "-o", "size=" + size + "k", "tmpfs", "" + folder)) {
            throw new Faults.Skipped("no right to mount a file system");
        }
        copy(aside, folder);
        return new SmallDisk(folder, aside);
    }

    /** Until not a byte more fits. */
    void fill() {
        byte[] block = new byte[4 << 10];
        try {
            while (true) {
                Files.write(filler(), block, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException full) {
            // As it was meant.
        }
    }

    void makeRoom() throws IOException {
        Files.deleteIfExists(filler());
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        makeRoom();
        Instance.delete(aside);
        try {
            copy(folder, aside);
            if (!done("umount", "" + folder)) {
                throw new IOException(folder + " is still in use");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + folder + " was put back", stopped);
        }
        Instance.delete(folder);
        Files.move(aside, folder);
    }

    /** Preallocated indices stay the holes that they are. */
    private static void copy(Path from, Path to) throws IOException, InterruptedException {
        Files.createDirectories(to);
        if (!done("cp", "-a", "--sparse=always", from + "/.", "" + to)) {
            throw new IOException("no copy of " + from);
        }
    }

    private static long used(Path folder) throws IOException, InterruptedException {
        var du = new ProcessBuilder("du", "-sk", "" + folder).start();
        String text = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        du.waitFor();
        return Long.parseLong(text.substring(0, text.indexOf('\t')));
    }

    private static boolean done(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
