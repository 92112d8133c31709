package dev.openkcm.networking.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The folder that the build lays out with the jars of the broker and of the registry. */
public record StackLocation(Path directory) {

    private static final String BUILD_IT = "Build it with: ./mvnw -pl deploy package";

    /**
     * From the system property {@code openkcm.stack.dir}, else below the repository {@code
     * openkcm.home}.
     */
    public static StackLocation find() {
        String directory = System.getProperty("openkcm.stack.dir");
        if (directory != null && !directory.isBlank()) {
            return new StackLocation(Path.of(directory).toAbsolutePath()).checked();
        }
        String home = System.getProperty("openkcm.home");
        if (home != null && !home.isBlank()) {
            return inRepository(Path.of(home));
        }
        throw new StackException(
                "The embedded stack was not found: neither openkcm.stack.dir nor openkcm.home is set.",
                "Start with ./kcm, or set the system property openkcm.home to the repository.");
    }

    public static StackLocation inRepository(Path repository) {
        return new StackLocation(repository.toAbsolutePath().resolve("deploy/target/stack"))
                .checked();
    }

    Path kafkaLibraries() {
        return directory.resolve("kafka/libs");
    }

    String kafkaClasspath() {
        return kafkaLibraries() + "/*";
    }

    Path kafkaLogging() {
        return directory.resolve("kafka/kafka-log4j2.properties");
    }

    Path registryJar() {
        return directory.resolve("registry/quarkus-run.jar");
    }

    private StackLocation checked() {
        Objects.requireNonNull(directory);
        if (!Files.isDirectory(kafkaLibraries()) || !Files.isRegularFile(registryJar())) {
            throw new StackException(
                    "The embedded stack is not built: " + directory + " is incomplete.", BUILD_IT);
        }
        return this;
    }
}
