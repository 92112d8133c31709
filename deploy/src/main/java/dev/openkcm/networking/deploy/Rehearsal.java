package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts a program once, so that later starts find an {@link AotCache}. Part of the build. A
 * rehearsal that fails costs time later, and nothing else.
 */
final class Rehearsal {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Rehearsal() {}

    /**
     * The one argument is the jar of a service, which ends by itself when it sees that it only
     * rehearses, or the folder of the broker and the registry.
     */
    public static void main(String[] arguments) throws IOException {
        var path = Path.of(arguments[0]).toAbsolutePath();
        var folder = Files.createTempDirectory("rehearsal");
        if (Files.isDirectory(path)) {
            var stack = new StackLocation(path);
            var ports = Ports.free(3);
            var node = BrokerNode.of(1, ports.get(0), ports.get(1), folder.resolve("broker"));
            rehearse(
                    new KafkaBroker(
                            "broker",
                            stack,
                            KafkaCluster.of(node),
                            node,
                            folder.resolve("broker.log")),
                    AotCache.of(stack.kafkaLibraries()),
                    stack.kafkaLibraries());
            rehearse(
                    new SchemaRegistry(
                            "registry",
                            stack,
                            ports.get(2),
                            folder.resolve("registry"),
                            folder.resolve("registry.log")),
                    AotCache.of(stack.registryJar()),
                    stack.registryJar());
        } else {
            rehearseService(path, folder);
        }
        Trees.delete(folder);
    }

    private static void rehearse(Server server, Path cache, Path jars) throws IOException {
        if (Files.exists(cache) && newer(cache, jars)) {
            return;
        }
        Files.deleteIfExists(cache);
        server.prepare();
        var launch = server.launch(List.of(), Launcher.DETACHED);
        var process = start(launch.command(), cache, launch.environment(), server.log());
        try {
            new RunningServer(server, process.toHandle()).awaitReady();
        } catch (StackException failure) {
            System.err.println(failure.getMessage());
        }
        process.destroy();
        conclude(process, cache, server.log());
    }

    /** Jars are replaced by others of another name, which changes their folder. */
    private static boolean newer(Path cache, Path jars) throws IOException {
        return Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jars)) > 0;
    }

    private static void rehearseService(Path jar, Path folder) throws IOException {
        var cache = AotCache.of(jar);
        Files.deleteIfExists(cache);
        List<String> command = new ArrayList<>();
        command.add(Jdk.java());
        command.addAll(Jdk.serviceFlags());
        command.addAll(List.of("-cp", jar.toString(), PlatformService.MAIN));
        var environment =
                Map.of(
                        "OPENKCM_REHEARSAL", "true",
                        "OPENKCM_STATE_DIR", folder.resolve("state").toString(),
                        "KAFKA_BOOTSTRAP_SERVERS", "localhost:1",
                        "SCHEMA_REGISTRY_URL", "http://localhost:1",
                        "QUARKUS_HTTP_HOST", "localhost",
                        "QUARKUS_HTTP_PORT", "0");
        var log = folder.resolve("log");
        conclude(start(command, cache, environment, log), cache, log);
    }

    private static Process start(
            List<String> command, Path cache, Map<String, String> environment, Path log)
            throws IOException {
        var complete = new ArrayList<>(command);
        complete.add(1, "-XX:AOTCacheOutput=" + cache);
        var builder = new ProcessBuilder(complete).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The virtual machine writes the cache when it ends. */
    private static void conclude(Process process, Path cache, Path log) {
        if (!Interruptions.waitFor(process, PATIENCE)) {
            process.destroyForcibly();
            Interruptions.waitFor(process);
        }
        if (!Files.exists(cache)) {
            System.err.println("No cache for faster starts was made. The end of the log:");
            LogTail.lastLines(log, 20).forEach(System.err::println);
        }
    }
}
