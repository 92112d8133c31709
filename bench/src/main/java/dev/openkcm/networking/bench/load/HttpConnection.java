package dev.openkcm.networking.bench.load;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A kept connection. It reads bodies by their length and does not look into them. */
final class HttpConnection implements AutoCloseable {

    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private int length;

    HttpConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new BufferedInputStream(socket.getInputStream(), 65_536);
    }

    static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    /** Sends a request and reads the answer to its end; true when its status is 200. */
    boolean ask(String request) throws IOException {
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        boolean good = line().contains(" 200 ");
        int announced = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                announced = Integer.parseInt(header.substring(15).strip());
            }
            chunked |= header.equalsIgnoreCase("transfer-encoding: chunked");
        }
        if (chunked) {
            announced = chunks();
        } else {
            in.skipNBytes(announced);
        }
        length = announced;
        return good;
    }

    /** Of the last body, in bytes. */
    int length() {
        return length;
    }

    private int chunks() throws IOException {
        int all = 0;
        while (true) {
            int chunk = Integer.parseInt(line(), 16);
            in.skipNBytes(chunk);
            line();
            if (chunk == 0) {
                return all;
            }
            all += chunk;
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the server has closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
