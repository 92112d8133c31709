package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.output.Console;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * What a command may use of the world: streams, environment, clock and the repository it runs from.
 */
public record Session(
        Console console,
        InputStream in,
        Map<String, String> environment,
        InstantSource clock,
        Path home) {

    public static Session ofProcess() {
        Map<String, String> environment = System.getenv();
        return new Session(
                Console.ofProcess(environment),
                System.in,
                environment,
                InstantSource.system(),
                Path.of(System.getProperty("openkcm.home", ".")).toAbsolutePath().normalize());
    }
}
