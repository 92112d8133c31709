package dev.openkcm.networking.deploy;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/**
 * The part of a command line that names class path and main class, with a {@link Leash} where one
 * is wanted.
 */
final class Leashes {
    private Leashes() {}

    static List<String> mainClass(Launcher launcher, String classpath, String main) {
        return switch (launcher) {
            case DETACHED -> List.of("-cp", classpath, main);
            case LEASHED ->
                    List.of(
                            "-cp",
                            classpath + File.pathSeparator + ownClasses(),
                            Leash.class.getName(),
                            main);
        };
    }

    private static Path ownClasses() {
        try {
            return Path.of(Leash.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
