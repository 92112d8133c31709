package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder {@code .kcm} of a repository, where a stack keeps everything it writes. */
public record StackFolder(Path repository) {

    public Path root() {
        return repository.resolve(".kcm");
    }

    public Path logs() {
        return root().resolve("logs");
    }

    public Path log(String component) {
        return logs().resolve(component + ".log");
    }

    Path data() {
        return root().resolve("data");
    }

    Path state() {
        return root().resolve("state");
    }

    Path lock() {
        return root().resolve("lock");
    }

    PidFile pidFile(String component) {
        return new PidFile(root().resolve("pids").resolve(component));
    }

    void create() {
        try {
            Files.createDirectories(logs());
        } catch (IOException e) {
            throw new StackException(
                    root() + " cannot be written.", "Check its owner and free space.", e);
        }
    }

    /** Forgets every record and everything derived from records. */
    void deleteData() {
        delete(data());
        delete(state());
    }

    /** What services derived from a log that is gone would contradict the new one. */
    boolean deleteStateWithoutLog() {
        if (Files.isDirectory(state()) && !Files.isDirectory(data().resolve("broker"))) {
            delete(state());
            return true;
        }
        return false;
    }

    private static void delete(Path tree) {
        try {
            Trees.delete(tree);
        } catch (IOException e) {
            throw new StackException(
                    tree + " cannot be deleted.", "Check who owns it, or delete it yourself.", e);
        }
    }
}
