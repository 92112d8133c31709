package dev.openkcm.networking.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** Asks a local HTTP server for one page. */
final class HttpProbe {
    private static final int TIMEOUT_MILLIS = 2000;

    private HttpProbe() {}

    /** Whether {@code GET http://localhost:port/path} answers 200. */
    static boolean ok(int port, String path) {
        return ask(port, path, false, page -> page.getResponseCode() == HttpURLConnection.HTTP_OK);
    }

    /** The page, whatever the status; empty when there is none. */
    static String body(int port, String path) {
        return ask(
                port,
                path,
                "",
                page -> {
                    boolean failed = page.getResponseCode() >= HttpURLConnection.HTTP_BAD_REQUEST;
                    try (InputStream in = failed ? page.getErrorStream() : page.getInputStream()) {
                        return in == null ? "" : new String(in.readAllBytes(), UTF_8);
                    }
                });
    }

    private interface Question<T> {
        T of(HttpURLConnection page) throws IOException;
    }

    private static <T> T ask(int port, String path, T otherwise, Question<T> question) {
        try {
            URI uri = URI.create("http://localhost:" + port + path);
            HttpURLConnection connection =
                    (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try {
                return question.of(connection);
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return otherwise;
        }
    }
}
