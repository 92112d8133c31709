package dev.openkcm.networking.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Programs of the system, which may be there or not. */
final class Programs {

    private Programs() {}

    static boolean installed(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }
}
