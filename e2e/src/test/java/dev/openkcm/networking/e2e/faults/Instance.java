package dev.openkcm.networking.e2e.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.ServiceDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One instance of a service, in a process of its own. */
final class Instance {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private static final String HEAP = "256m";

    private final Service service;
    private final int ordinal;
    private final int port;
    private final Path state;
    private final Path log;
    private final Map<String, String> environment;
    private Path repository = Service.ROOT;
    private Process process;

    /** What to start, by its name on the command line and its module. */
    record Service(String name, String module, List<String> plurals) {

        static final List<Service> ALL =
                List.of(
                        new Service("network", "services/network", List.of("networks")),
                        new Service(
                                "interface", "services/interface", List.of("networkinterfaces")),
                        new Service(
                                "vip-nat",
                                "services/vip-nat",
                                List.of("addresspools", "virtualips", "natgateways")),
                        new Service(
                                "loadbalancer", "services/loadbalancer", List.of("loadbalancers")),
                        new Service("policy", "services/policy", List.of("networkpolicies")));

        private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

        Path jar(Path repository) {
            return repository.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
        }

        boolean built() {
            return built(ROOT);
        }

        boolean built(Path repository) {
            return Files.isRegularFile(jar(repository));
        }
    }

    Instance(Service service, int ordinal, int port, Path folder, Map<String, String> environment) {
        this.service = service;
        this.ordinal = ordinal;
        this.port = port;
        this.state = folder.resolve("state-" + service.name() + "-" + ordinal);
        this.log = folder.resolve(service.name() + "-" + ordinal + ".log");
        this.environment = environment;
    }

    /** Another program that takes itself for the same instance, with a disk of its own. */
    Instance twin(int otherPort, Path elsewhere) throws IOException {
        Files.createDirectories(elsewhere);
        return new Instance(service, ordinal, otherPort, elsewhere, environment);
    }

    String name() {
        return service.name() + "-" + ordinal;
    }

    Service service() {
        return service;
    }

    Path state() {
        return state;
    }

    Path log() {
        return log;
    }

    String url() {
        return "http://localhost:" + port;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    void start() {
        start(Map.of(), HEAP);
    }

    /** Starts it with something beside its environment, such as what moves its clock. */
    void start(Map<String, String> beside) {
        start(beside, HEAP);
    }

    void startWithHeap(String heap) {
        start(Map.of(), heap);
    }

    /** Which build it is of from its next start on. */
    void become(Path otherRepository) {
        repository = otherRepository;
    }

    void becomeAsBefore() {
        repository = Service.ROOT;
    }

    private void start(Map<String, String> beside, String heap) {
        var command =
                ServiceDefinition.command(
                        service.jar(repository), List.of("-XX:TieredStopAtLevel=1", "-Xmx" + heap));
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().putAll(beside);
        builder.environment().put("QUARKUS_HTTP_PORT", "" + port);
        builder.environment().put("OPENKCM_INSTANCE", "" + ordinal);
        builder.environment().put("OPENKCM_STATE_DIR", state.toString());
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        if (process != null) {
            Signals.kill(process.toHandle());
        }
    }

    /** In order, as an upgrade does. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean alive() {
        return process != null && process.isAlive();
    }

    boolean ready() {
        return get("/q/health/ready").startsWith("200");
    }

    String get(String path) {
        try {
            var request =
                    HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(5));
            var response = HTTP.send(request.build(), BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (IOException away) {
            return "";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** Whether a transaction is of this instance: Streams names it by the process that it is of. */
    boolean owns(String transactionalId) {
        return stateFiles("kafka-streams-process-metadata").stream()
                .map(Instance::processId)
                .anyMatch(transactionalId::contains);
    }

    private static String processId(Path metadata) {
        try {
            return new ObjectMapper().readTree(metadata.toFile()).path("processId").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void wipeState() {
        delete(state);
    }

    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (var all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of the local stores, of some kind. */
    List<Path> stateFiles(String suffix) {
        try (var all = Files.walk(state)) {
            return all.filter(Files::isRegularFile)
                    .filter(path -> path.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
