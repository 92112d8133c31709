package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The ahead-of-time cache of one service, used when it was made from the jar that is started. */
record AotCache(Path file, Path jar, boolean training) {
    private static final String TRAIN = "train";

    /**
     * With {@code KCM_AOT=train} a service that has no cache writes one as it stops, which takes
     * seconds.
     */
    static AotCache of(Path folder, String service, Path jar) {
        return new AotCache(
                folder.resolve(service + ".aot"), jar, TRAIN.equals(System.getenv("KCM_AOT")));
    }

    List<String> flags() {
        if (matches()) {
            return List.of("-XX:AOTCache=" + file, "-Xlog:aot=off", "-Xlog:cds=off");
        }
        return training ? List.of("-XX:AOTCacheOutput=" + file, "-Xlog:aot=error") : List.of();
    }

    private boolean matches() {
        try {
            return Files.isRegularFile(file)
                    && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(jar))
                            > 0;
        } catch (IOException e) {
            return false;
        }
    }
}
