package dev.openkcm.networking.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

    /** Our command line, asking these services by module. */
    static Outcome kcm(
            Path folder,
            Map<String, ServiceProcess> services,
            Map<String, String> settings,
            String... arguments)
            throws IOException {
        var environment = new HashMap<>(settings);
        services.forEach((module, service) ->
                environment.put(
                        "KCM_SERVER_"
                                + module.substring("services/".length())
                                        .toUpperCase(Locale.ROOT)
                                        .replace('-', '_'),
                        service.url()));
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.add("-jar");
        command.add(ROOT.resolve("cli/target/cli-0.1.0-SNAPSHOT.jar").toString());
        command.addAll(List.of(arguments));
        return run(folder, environment, "", command.toArray(String[]::new));
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
