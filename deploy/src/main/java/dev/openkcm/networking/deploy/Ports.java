package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of this machine. */
public final class Ports {
    private static final int CONNECT_TIMEOUT_MILLIS = 500;

    private static final System.Logger LOG = System.getLogger(Ports.class.getName());
    private static final int FIRST = 15_000;
    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private Ports() {}

    /**
     * That many distinct ports nobody listens on now, all held at once while they are chosen. They
     * lie below those that systems give to outgoing connections, of which one could take the port
     * before it is used.
     */
    public static List<Integer> free(int count) {
        List<ServerSocket> held = new ArrayList<>();
        try {
            List<Integer> ports = new ArrayList<>();
            for (int attempt = 0; ports.size() < count && attempt < ATTEMPTS; attempt++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
                try {
                    held.add(new ServerSocket(port, 1));
                    ports.add(port);
                } catch (BindException taken) {
                    LOG.log(System.Logger.Level.DEBUG, "port {0} is taken", port);
                }
            }
            if (ports.size() < count) {
                throw new IllegalStateException(
                        "no %d free ports in %d..%d".formatted(count, FIRST, LAST));
            }
            return List.copyOf(ports);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        } finally {
            held.forEach(Ports::closeQuietly);
        }
    }

    /** Whether someone listens there, on loopback or on every address. */
    public static boolean taken(int port) {
        if (answers(port)) {
            return true;
        }
        // Without a connection a listener on another local address could still block a bind to all
        // of them.
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port), 1);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    CONNECT_TIMEOUT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
