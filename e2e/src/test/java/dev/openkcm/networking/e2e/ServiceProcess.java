package dev.openkcm.networking.e2e;

import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.LogTail;
import dev.openkcm.networking.deploy.ServiceDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;

/** A service in a process of its own, to be killed and started again. */
final class ServiceProcess implements AutoCloseable {

    private static final int LAST_LINES = 30;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String module;
    private final int port;
    private final Path log;
    private final ProcessBuilder builder;
    private Process process;

    ServiceProcess(String module, int port, Path folder, String bootstrapServers, String registry) {
        this(module, port, folder, bootstrapServers, registry, 0);
    }

    ServiceProcess(
            String module,
            int port,
            Path folder,
            String bootstrapServers,
            String registry,
            int ordinal) {
        this.module = module;
        this.port = port;
        this.builder =
                new ProcessBuilder(
                        ServiceDefinition.command(
                                jar(), List.of("-XX:TieredStopAtLevel=1", "-Xmx256m")));
        var environment = builder.environment();
        environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
        environment.put("SCHEMA_REGISTRY_URL", registry);
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("OPENKCM_INSTANCE", Integer.toString(ordinal));
        environment.put("OPENKCM_STATE_DIR", folder.resolve("state-" + port).toString());
        this.log = folder.resolve(module.replace('/', '-') + "-" + port + ".log");
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    private Path jar() {
        return Programs.ROOT.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
    }

    void start() {
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    boolean ready() {
        return health().startsWith("200");
    }

    /** What it says of itself, and the end of its log, are told to who waits in vain. */
    void awaitReady(Duration limit) {
        try {
            await().atMost(limit).until(this::ready);
        } catch (ConditionTimeoutException late) {
            throw new AssertionError(
                    "%s is not ready: %s%n%s"
                            .formatted(
                                    module,
                                    health(),
                                    String.join("\n", LogTail.lastLines(log, LAST_LINES))),
                    late);
        }
    }

    private String health() {
        return get("/q/health/ready");
    }

    String url() {
        return "http://localhost:" + port;
    }

    /** The status, a blank, the body; empty while nobody answers. */
    String get(String path) {
        return get(path, Map.of());
    }

    String get(String path, Map<String, String> headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create(url() + path));
            headers.forEach(request::header);
            var response = http.send(request.build(), BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (IOException away) {
            return "";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }
}
