package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How one child process is started: command, environment on top of ours, working folder and log
 * file.
 */
record Launch(List<String> command, Map<String, String> environment, Path directory, Path log) {
    Launch {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
