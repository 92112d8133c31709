package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Starts child processes, either bound to the life of this one or independent of it. */
enum Launcher {
    /** The child ends when this process ends, however it ends. */
    LEASHED {
        @Override
        ProcessHandle start(Launch launch) {
            try {
                return builder(launch, launch.command())
                        .redirectInput(ProcessBuilder.Redirect.PIPE)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(launch.log().toFile()))
                        .start()
                        .toHandle();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },

    /**
     * The child outlives this process: it has a process group of its own, so that neither Ctrl-C
     * nor a closing terminal reaches it before its owner stops it in order.
     */
    DETACHED {
        @Override
        ProcessHandle start(Launch launch) {
            List<String> command =
                    new ArrayList<>(List.of("/bin/bash", "-c", IN_A_GROUP_OF_ITS_OWN, "kcm"));
            command.add(launch.log().toString());
            command.addAll(launch.command());
            try {
                Process shell =
                        builder(launch, command)
                                .redirectInput(
                                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start();
                String answer =
                        new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                                .strip();
                return ProcessHandle.of(Long.parseLong(answer))
                        .orElseThrow(() ->
                                new StackException(
                                        "A process ended as soon as it was started.",
                                        "Its log is " + launch.log()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final String IN_A_GROUP_OF_ITS_OWN =
            "set -m; trap '' HUP; log=$1; shift; \"$@\" </dev/null >>\"$log\" 2>&1 & echo $!";
    private static final long ROTATE_AT_BYTES = 16L << 20;

    abstract ProcessHandle start(Launch launch);

    private static ProcessBuilder builder(Launch launch, List<String> command) throws IOException {
        Files.createDirectories(launch.directory());
        Path log = launch.log();
        Files.createDirectories(log.toAbsolutePath().getParent());
        if (Files.exists(log) && Files.size(log) > ROTATE_AT_BYTES) {
            Files.move(
                    log,
                    log.resolveSibling(log.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        ProcessBuilder builder = new ProcessBuilder(command).directory(launch.directory().toFile());
        builder.environment().putAll(launch.environment());
        return builder;
    }
}
