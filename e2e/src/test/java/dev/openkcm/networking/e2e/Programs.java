package dev.openkcm.networking.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Other people's programs, and ours as people run them. */
final class Programs {

    static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    static final Path FOREIGN = ROOT.resolve("e2e/foreign");

    private Programs() {}

    /** What a program said, both streams together, and how it ended. */
    record Outcome(int code, String output) {}

    static Outcome run(Path folder, Map<String, String> environment, String in, String... command)
            throws IOException {
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        var process = builder.redirectErrorStream(true).start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(in.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.onExit().join().exitValue(), output);
    }

    static Outcome run(String in, String... command) throws IOException {
        return run(FOREIGN, Map.of(), in, command);
    }

    static boolean installed(String program) {
        try {
            return run("", "sh", "-c", "command -v " + program).code() == 0;
        } catch (IOException none) {
            return false;
        }
    }

    /** The libraries of the foreign clients. */
    static Outcome installLibraries() throws IOException {
        return run("", "npm", "install", "--no-save", "--no-audit", "--no-fund");
    }
}
