package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** Asks a local HTTP server for one page. */
final class HttpProbe {
    private static final int TIMEOUT_MILLIS = 2000;

    private HttpProbe() {}

    /** Whether {@code GET http://localhost:port/path} answers 200. */
    static boolean ok(int port, String path) {
        try {
            URI uri = URI.create("http://localhost:" + port + path);
            HttpURLConnection connection =
                    (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try {
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return false;
        }
    }
}
