package dev.openkcm.networking.bench;

import dev.openkcm.networking.bench.load.HttpLoad.Plan;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;

/** One etcd with values behind its JSON gateway. */
final class Etcd implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final Process process;

    private Etcd(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** Whether Debian's package etcd-server is there. */
    static boolean installed() {
        return Programs.installed("etcd");
    }

    static Etcd start(Path folder) throws InterruptedException {
        var ports = Ports.free(2);
        String client = "http://127.0.0.1:" + ports.getFirst();
        String peer = "http://127.0.0.1:" + ports.getLast();
        var builder =
                new ProcessBuilder(
                                "etcd",
                                "--data-dir=" + folder.resolve("data"),
                                "--listen-client-urls=" + client,
                                "--advertise-client-urls=" + client,
                                "--listen-peer-urls=" + peer,
                                "--initial-advertise-peer-urls=" + peer,
                                "--initial-cluster=default=" + peer)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile());
        try {
            var etcd = new Etcd(ports.getFirst(), builder.start());
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!Ports.taken(etcd.port) && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
            return etcd;
        } catch (IOException e) {
            throw new BenchException("etcd can't be started", e);
        }
    }

    /** Puts values of a length; a key is what the eight digits of its number are the Base64 of. */
    void fill(int values, int length) throws InterruptedException {
        String value = Base64.getEncoder().encodeToString(new byte[length]);
        for (int i = 0; i < values; i++) {
            String body = "{\"key\":\"%08d\",\"value\":\"%s\"}".formatted(i, value);
            var request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:%d/v3/kv/put".formatted(port)))
                            .POST(BodyPublishers.ofString(body))
                            .build();
            try {
                int status = http.send(request, BodyHandlers.discarding()).statusCode();
                if (status != 200) {
                    throw new BenchException("etcd answers " + status);
                }
            } catch (IOException e) {
                throw new BenchException("etcd does not answer", e);
            }
        }
    }

    /** Asks for one of the values. */
    Plan get(int values, int connections, int seconds) {
        return new Plan(port, "/v3/kv/range", "{\"key\":\"%d\"}", values, connections, seconds);
    }

    @Override
    public void close() {
        Child.stop(process);
        http.close();
    }
}
