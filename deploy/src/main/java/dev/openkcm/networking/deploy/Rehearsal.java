package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts a service once without a broker, so that later starts find an {@link AotCache}. Part of
 * the build. A rehearsal that fails costs time later, and nothing else.
 */
final class Rehearsal {

    private static final int PATIENCE_SECONDS = 120;

    private Rehearsal() {}

    /** The one argument is the jar of the service. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var jar = Path.of(arguments[0]);
        var cache = AotCache.of(jar);
        Files.deleteIfExists(cache);
        var folder = Files.createTempDirectory("rehearsal");
        var log = folder.resolve("log");
        List<String> command = new ArrayList<>();
        command.add(Jdk.java());
        command.addAll(Jdk.serviceFlags());
        command.add("-XX:AOTCacheOutput=" + cache);
        command.addAll(List.of("-cp", jar.toString(), PlatformService.MAIN));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log.toFile());
        var environment = builder.environment();
        environment.put("OPENKCM_REHEARSAL", "true");
        environment.put("OPENKCM_STATE_DIR", folder.resolve("state").toString());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "localhost:1");
        environment.put("SCHEMA_REGISTRY_URL", "http://localhost:1");
        environment.put("QUARKUS_HTTP_HOST", "localhost");
        environment.put("QUARKUS_HTTP_PORT", "0");
        var process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        if (Files.exists(cache)) {
            Trees.delete(folder);
        } else {
            System.err.println("No cache for faster starts was made; why is in " + log);
        }
    }
}
