package dev.openkcm.networking.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Beside the jars of a program, what a {@link Rehearsal} of its start left: loaded classes and
 * profiles, by which the start of a service takes half of the time.
 */
final class AotCache {

    private AotCache() {}

    static Path of(Path jars) {
        return jars.resolveSibling("start.aot");
    }

    /** The virtual machine leaves a cache alone that was made of other jars, or by another one. */
    static List<String> flags(Path jars) {
        var cache = of(jars);
        return Files.isRegularFile(cache)
                ? List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off")
                : List.of();
    }
}
