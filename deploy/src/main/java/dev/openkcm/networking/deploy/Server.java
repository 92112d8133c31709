package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A program of the stack that listens on ports: how it is prepared, started and asked whether it
 * serves.
 */
sealed interface Server permits KafkaBroker, SchemaRegistry, PlatformService {
    String name();

    /** The ports it listens on, the one clients use first. */
    List<Integer> ports();

    Path log();

    /** What must be on disk before the process starts. */
    void prepare();

    /** The process; {@code marks} are system properties by which it can be recognised later. */
    Launch launch(List<String> marks, Launcher launcher);

    boolean ready();

    /** What keeps it from ever being ready, in its own words; nothing while that is not known. */
    default Optional<String> obstacle() {
        return Optional.empty();
    }

    Duration patience();
}
