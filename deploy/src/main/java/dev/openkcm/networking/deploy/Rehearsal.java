package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts programs once, so that later starts find an {@link AotCache}. Part of the build. A
 * rehearsal that fails costs time later, and nothing else.
 */
final class Rehearsal {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Rehearsal() {}

    /** The arguments are the repository, and {@code stack} or {@code services}. */
    public static void main(String[] arguments) throws IOException {
        var repository = Path.of(arguments[0]).toAbsolutePath();
        var folder = Files.createTempDirectory("rehearsal");
        try {
            switch (arguments[1]) {
                case "stack" -> rehearseStack(StackLocation.inRepository(repository), folder);
                case "services" -> rehearseServices(repository, folder);
                default -> throw new IllegalArgumentException(arguments[1]);
            }
        } catch (StackException failure) {
            System.err.println("No rehearsal: " + failure.getMessage());
        }
        Trees.delete(folder);
    }

    private static void rehearseStack(StackLocation stack, Path folder) throws IOException {
        var due = new ArrayList<>(foundations(stack, folder, Ports.free(3)));
        due.removeIf(program -> !outdated(program.jars()));
        conclude(start(due));
    }

    /** A broker, which takes two of the ports, and a registry. */
    private static List<Program> foundations(
            StackLocation stack, Path folder, List<Integer> ports) {
        var node = BrokerNode.of(1, ports.get(0), ports.get(1), folder.resolve("broker"));
        var broker =
                new KafkaBroker(
                        "broker", stack, KafkaCluster.of(node), node, folder.resolve("broker.log"));
        var registry =
                new SchemaRegistry(
                        "registry",
                        stack,
                        ports.get(2),
                        folder.resolve("registry"),
                        folder.resolve("registry.log"));
        return List.of(
                new Program(broker, stack.kafkaLibraries()),
                new Program(registry, stack.registryJar()));
    }

    /**
     * With a broker and a registry: most of what a service loads it needs to talk to them. What
     * these need for topics, groups, transactions and schemas they rehearse with all services.
     */
    private static void rehearseServices(Path repository, Path folder) throws IOException {
        var due =
                ServiceDefinition.ALL.stream()
                        .filter(service -> service.built(repository))
                        .filter(service -> outdated(service.jar(repository)))
                        .toList();
        if (due.isEmpty()) {
            return;
        }
        if (due.equals(ServiceDefinition.ALL)) {
            var ports = Ports.free(3);
            var stack = StackLocation.inRepository(repository);
            var started = start(foundations(stack, folder, ports));
            var endpoints =
                    new PlatformService.Endpoints(
                            "localhost:" + ports.get(0), SchemaRegistry.url(ports.get(2)));
            try {
                conclude(start(services(due, repository, folder, endpoints)));
            } finally {
                conclude(started);
            }
            return;
        }
        System.setProperty("openkcm.home", repository.toString());
        try (var broker = EmbeddedKafka.start(folder.resolve("broker"));
                var registry = EmbeddedRegistry.start(folder.resolve("registry"))) {
            var endpoints =
                    new PlatformService.Endpoints(broker.bootstrapServers(), registry.url());
            conclude(start(services(due, repository, folder, endpoints)));
        }
    }

    private static List<Program> services(
            List<ServiceDefinition> due,
            Path repository,
            Path folder,
            PlatformService.Endpoints endpoints)
            throws IOException {
        var ports = Ports.free(due.size());
        var programs = new ArrayList<Program>();
        for (int i = 0; i < ports.size(); i++) {
            var service = due.get(i).at(ports.get(i));
            var own = Files.createDirectories(folder.resolve(service.name()));
            var server =
                    new PlatformService(
                            service,
                            repository,
                            own.resolve("state"),
                            endpoints,
                            own.resolve("log"));
            programs.add(new Program(server, service.jar(repository)));
        }
        return programs;
    }

    private record Program(Server server, Path jars) {}

    private record Running(RunningServer server, Process process, Path cache) {}

    /** All at once, and returns when they serve, or will not. */
    private static List<Running> start(List<Program> programs) throws IOException {
        var all = new ArrayList<Running>();
        for (var program : programs) {
            var cache = AotCache.of(program.jars());
            Files.deleteIfExists(cache);
            var process = start(program.server(), cache);
            var running = new RunningServer(program.server(), process.toHandle());
            all.add(new Running(running, process, cache));
        }
        for (var one : all) {
            try {
                one.server().awaitReady();
            } catch (StackException failure) {
                System.err.println(failure.getMessage());
            }
        }
        return all;
    }

    private static void conclude(List<Running> all) {
        all.forEach(one -> one.process().destroy());
        all.forEach(one -> conclude(one.process(), one.cache(), one.server().server().log()));
    }

    /**
     * Whether there is no cache that is newer. Jars are replaced by others of another name, which
     * changes their folder.
     */
    private static boolean outdated(Path jars) {
        // Of what does not exist it is 0.
        return AotCache.of(jars).toFile().lastModified() <= jars.toFile().lastModified();
    }

    private static Process start(Server server, Path cache) throws IOException {
        server.prepare();
        var launch = server.launch(List.of(), Launcher.DETACHED);
        var command = new ArrayList<>(launch.command());
        command.add(1, "-XX:AOTCacheOutput=" + cache);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(server.log().toFile()));
        builder.environment().putAll(launch.environment());
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
