package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of our services in a process that ends with this one at the latest. */
public final class EmbeddedService implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(20);

    private final PlatformService server;
    private @Nullable RunningServer running;

    private EmbeddedService(PlatformService server) {
        this.server = server;
    }

    /**
     * A service that keeps its state and its log in the folder given; it is not started yet.
     *
     * @param definition with the port it is to listen on
     */
    public static EmbeddedService of(
            ServiceDefinition definition,
            Path repository,
            Path folder,
            String bootstrapServers,
            String registryUrl) {
        return new EmbeddedService(
                new PlatformService(
                        definition,
                        repository,
                        folder.resolve("state"),
                        new PlatformService.Endpoints(bootstrapServers, registryUrl),
                        folder.resolve(definition.name() + ".log")));
    }

    /** Starts the process and returns at once. */
    public void start() {
        if (running == null) {
            running = RunningServer.start(server, List.of(), Launcher.LEASHED);
        }
    }

    /** Returns once it serves. */
    public void awaitReady() {
        started().awaitReady();
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

    public int port() {
        return server.definition().port();
    }

    /** The folder of its state, to be lost while it is down. */
    public Path state() {
        return server.state();
    }

    public Path log() {
        return server.log();
    }

    public ProcessHandle process() {
        return started().process();
    }

    private RunningServer started() {
        RunningServer now = running;
        if (now == null) {
            throw new IllegalStateException(server.name() + " is not started");
        }
        return now;
    }

    @Override
    public void close() {
        stop();
    }
}
