package dev.openkcm.networking.e2e.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** A link that can be cut, in both directions or one, and slowed down. */
final class TcpProxy implements Closeable {

    /** What happens to bytes. */
    enum Mode {
        OPEN,
        /** Cut in one direction: requests arrive, answers are held back until the link heals. */
        ANSWERS_HELD,
        /** Cut in the other direction: requests are held back, answers to earlier ones arrive. */
        REQUESTS_HELD,
        /** Some chunks are late by a retransmission or two, and now and then one is the last. */
        LOSSY,
        /** Every chunk is late by a moment. */
        SLOW,
        /** Connections break, new ones are not served. */
        CUT
    }

    private static final long DELAY_NANOS = 100_000_000;
    private static final long RETRANSMISSION_NANOS = 200_000_000;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.OPEN;

    TcpProxy(int port, int target) {
        this.target = target;
        try {
            server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void become(Mode next) {
        mode = next;
        if (next == Mode.CUT) {
            sockets.forEach(TcpProxy::close);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (mode == Mode.CUT) {
                    close(client);
                    continue;
                }
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(broker);
            Thread.ofVirtual().start(() -> pump(client, broker, false));
            Thread.ofVirtual().start(() -> pump(broker, client, true));
        } catch (IOException away) {
            close(client);
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[64 << 10];
        try (InputStream in = from.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                while (mode == (answers ? Mode.ANSWERS_HELD : Mode.REQUESTS_HELD)) {
                    LockSupport.parkNanos(10_000_000);
                }
                if (mode == Mode.LOSSY && lost()) {
                    return;
                }
                if (mode == Mode.SLOW) {
                    LockSupport.parkNanos(DELAY_NANOS);
                }
                to.getOutputStream().write(buffer, 0, n);
            }
        } catch (IOException broken) {
            // Either side has gone: the other is told by the close.
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /** Whether a lost packet ends the connection; else it came late, or was not lost. */
    private static boolean lost() {
        int fate = ThreadLocalRandom.current().nextInt(200);
        if (fate < 20) {
            LockSupport.parkNanos(RETRANSMISSION_NANOS << (fate % 3));
        }
        return fate == 199;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(TcpProxy::close);
    }
}
