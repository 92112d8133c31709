package dev.openkcm.networking.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningServerTest {

    @TempDir private Path folder;

    private HttpServer http;

    @BeforeEach
    void listen() throws Exception {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.start();
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    @Test
    void aServiceThatSaysWhyItCannotStartIsNotWaitedFor() throws Exception {
        var log = Files.writeString(folder.resolve("log"), "the last line\n");
        readiness(
                503,
                """
                {"status": "DOWN", "checks": [{"name": "streams", "status": "DOWN", "data": {
                    "problem-1": "topic a has 3 partitions, but 4 are configured",
                    "problem-2": "topic b is gone"}}]}
                """);

        assertThatThrownBy(() -> service(log).awaitReady())
                .isInstanceOf(StackException.class)
                .hasMessageContaining(
                        "some runs as pid "
                                + ProcessHandle.current().pid()
                                + " but says: topic a has 3 partitions, but 4 are configured;"
                                + " topic b is gone.")
                .hasMessageContaining("the last line");
    }

    @Test
    void aServiceThatOnlyTakesItsTimeIsWaitedFor() throws Exception {
        var log = folder.resolve("log");
        readiness(503, "{\"status\": \"DOWN\", \"checks\": []}");
        var service = service(log);
        assertThat(service.server().obstacle()).isEmpty();
        http.removeContext("/q/health/ready");
        readiness(200, "{\"status\": \"UP\"}");
        service.awaitReady();
    }

    private RunningServer service(Path log) {
        int port = http.getAddress().getPort();
        var definition = new ServiceDefinition("some", "services/some", port, 0);
        var endpoints = new PlatformService.Endpoints("localhost:1", "http://localhost:2");
        return new RunningServer(
                new PlatformService(definition, folder, folder, endpoints, log),
                ProcessHandle.current());
    }

    private void readiness(int status, String body) {
        http.createContext(
                "/q/health/ready",
                exchange -> {
                    byte[] bytes = body.getBytes(UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length);
                    try (var out = exchange.getResponseBody()) {
                        out.write(bytes);
                    }
                });
    }
}
