package dev.openkcm.networking.e2e;

import dev.openkcm.networking.deploy.ServiceDefinition;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A service in a process of its own, to be killed and started again. */
final class ServiceProcess implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final String module;
    private final int port;
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
        File log = folder.resolve(module.replace('/', '-') + "-" + port + ".log").toFile();
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
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
        return get("/q/health/ready").startsWith("200");
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
