package dev.openkcm.networking.e2e.faults;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** A link to a broker that can be cut, in both directions or one, and slowed down; and watched. */
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

    /** Sees every commit before the broker does. */
    @FunctionalInterface
    interface CommitWatcher {
        CommitWatcher PASSING = _ -> true;

        /** Whether the broker is to hear of the commit; else the connection ends. */
        boolean passes(String transactionalId);
    }

    private static final long DELAY_NANOS = 100_000_000;
    private static final long RETRANSMISSION_NANOS = 200_000_000;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.OPEN;
    private volatile CommitWatcher commits = CommitWatcher.PASSING;

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

    void watchCommits(CommitWatcher watcher) {
        commits = watcher;
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
            Thread.ofVirtual().start(() -> pump(client, broker, this::passRequest));
            Thread.ofVirtual().start(() -> pump(broker, client, this::passAnswers));
        } catch (IOException away) {
            close(client);
        }
    }

    /** Takes some bytes from one side to the other. */
    private interface Passing {
        /** Whether the connection goes on. */
        boolean next(DataInputStream from, OutputStream to) throws IOException;
    }

    private void pump(Socket from, Socket to, Passing passing) {
        try (var in = new DataInputStream(new BufferedInputStream(from.getInputStream()))) {
            boolean open = true;
            while (open) {
                open = passing.next(in, to.getOutputStream());
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

    /** A request is its length and so many bytes. */
    private boolean passRequest(DataInputStream from, OutputStream to) throws IOException {
        int length = from.readInt();
        var request = ByteBuffer.allocate(4 + length).putInt(length);
        from.readFully(request.array(), request.position(), length);
        if (!goesOn(Mode.REQUESTS_HELD) || !passes(request)) {
            return false;
        }
        to.write(request.array());
        return true;
    }

    private boolean passAnswers(DataInputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[8 << 10];
        int n = from.read(buffer);
        if (n < 0 || !goesOn(Mode.ANSWERS_HELD)) {
            return false;
        }
        to.write(buffer, 0, n);
        return true;
    }

    /** Waits as long as the link makes it; whether the connection outlives that. */
    private boolean goesOn(Mode held) {
        while (mode == held) {
            LockSupport.parkNanos(10_000_000);
        }
        if (mode == Mode.SLOW) {
            LockSupport.parkNanos(DELAY_NANOS);
        }
        return mode != Mode.LOSSY || !lost();
    }

    private boolean passes(ByteBuffer request) {
        if (request.getShort(4) != ApiKeys.END_TXN.id) {
            return true;
        }
        var content = request.slice(4, request.capacity() - 4);
        var header = RequestHeader.parse(content);
        var end = EndTxnRequest.parse(new ByteBufferAccessor(content), header.apiVersion()).data();
        return !end.committed() || commits.passes(end.transactionalId());
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
