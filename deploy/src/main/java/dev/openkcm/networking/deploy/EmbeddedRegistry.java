package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real schema registry in a process that ends with this one at the latest. */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final SchemaRegistry server;
    private @Nullable RunningServer running;

    private EmbeddedRegistry(SchemaRegistry server) {
        this.server = server;
    }

    /** A registry that keeps its schemas in the folder given; port 0 takes any free one. */
    public static EmbeddedRegistry start(Path data, int port) {
        int chosen = port == 0 ? Ports.free(1).getFirst() : port;
        EmbeddedRegistry registry =
                new EmbeddedRegistry(
                        new SchemaRegistry(
                                "registry",
                                StackLocation.find(),
                                chosen,
                                data,
                                data.resolve("registry.log")));
        registry.start();
        return registry;
    }

    public static EmbeddedRegistry start(Path data) {
        return start(data, 0);
    }

    /** The address for {@code schema.registry.url}. */
    public String url() {
        return SchemaRegistry.url(server.port());
    }

    /** Starts it again on the same port and data, and waits until it serves. */
    public void start() {
        if (running != null) {
            return;
        }
        RunningServer started = RunningServer.start(server, List.of(), Launcher.LEASHED);
        try {
            started.awaitReady();
        } catch (RuntimeException e) {
            started.kill();
            throw e;
        }
        running = started;
    }

    public void stop() {
        if (running != null) {
            running.stop(GRACE);
            running = null;
        }
    }

    /** Ends it at once, as a power cut would. */
    public void kill() {
        if (running != null) {
            running.kill();
            running = null;
        }
    }

    /** Its process, while it runs. */
    public List<ProcessHandle> processes() {
        RunningServer now = running;
        return now == null ? List.of() : List.of(now.process());
    }

    @Override
    public void close() {
        stop();
    }
}
