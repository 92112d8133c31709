package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.state.HostInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes a request on to the instance that looks after the resource, once. */
@Singleton
class Forwarding {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);

    /** Says that the request was passed on already. */
    static final String HOP = "openkcm-hop";

    private static final Duration LIMIT = Duration.ofSeconds(70);
    private static final List<String> PASSED_ON =
            List.of("Accept", "Content-Type", "If-None-Match", "If-Match", "Prefer");
    private static final List<String> PASSED_BACK =
            List.of("Content-Type", "ETag", "Retry-After", "Location");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Made with the first request that is another instance's; a start need not wait for it. */
    private static final class Http {
        static final HttpClient CLIENT =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(2))
                        .build();
    }

    static boolean wasForwarded(HttpHeaders headers) {
        return headers.getHeaderString(HOP) != null;
    }

    Response forward(HostInfo owner, String method, UriInfo uri, HttpHeaders headers, byte[] body) {
        try {
            var answer = send(owner, method, uri, headers, body);
            var response = Response.status(answer.statusCode()).entity(answer.body());
            for (String header : PASSED_BACK) {
                answer.headers().firstValue(header).ifPresent(v -> response.header(header, v));
            }
            return response.build();
        } catch (IOException away) {
            return Problems.notReady(
                    "the instance %s:%d that looks after this does not answer"
                            .formatted(owner.host(), owner.port()));
        }
    }

    /** What another instance has at the path; empty when it has nothing there. */
    Optional<JsonNode> ask(HostInfo host, String path) throws Views.NotReady {
        var target = "http://%s:%d%s".formatted(host.host(), host.port(), path);
        var request =
                HttpRequest.newBuilder(URI.create(target)).timeout(LIMIT).header(HOP, "1").build();
        try {
            var answer = Http.CLIENT.send(request, BodyHandlers.ofByteArray());
            return switch (answer.statusCode()) {
                case 200 -> Optional.of(JSON.readTree(answer.body()));
                case 404 -> Optional.empty();
                default ->
                        throw new Views.NotReady(
                                "the instance %s:%d answers %d"
                                        .formatted(host.host(), host.port(), answer.statusCode()));
            };
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Views.NotReady("the service is stopping");
        } catch (IOException away) {
            throw new Views.NotReady(
                    "the instance %s:%d does not answer".formatted(host.host(), host.port()));
        }
    }

    /**
     * The document that another instance looks after, once it has reached a version; empty when it
     * is gone.
     */
    Optional<JsonNode> settled(HostInfo host, String path, long version) throws Views.NotReady {
        String query = version < 0 ? "" : "?minResourceVersion=" + version;
        var target = "http://%s:%d%s%s".formatted(host.host(), host.port(), path, query);
        var request =
                HttpRequest.newBuilder(URI.create(target)).timeout(LIMIT).header(HOP, "1").build();
        try {
            var answer = Http.CLIENT.send(request, BodyHandlers.ofByteArray());
            return answer.statusCode() == 200
                    ? Optional.of(JSON.readTree(answer.body()))
                    : Optional.empty();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Views.NotReady("the service is stopping");
        } catch (IOException away) {
            throw new Views.NotReady("the instance that looks after this does not answer");
        }
    }

    /** Asks another instance to do the same; one that is away is left as it is. */
    void tell(HostInfo host, String path) {
        var target = "http://%s:%d%s".formatted(host.host(), host.port(), path);
        var request =
                HttpRequest.newBuilder(URI.create(target))
                        .timeout(LIMIT)
                        .header(HOP, "1")
                        .POST(BodyPublishers.noBody());
        try {
            Http.CLIENT.send(request.build(), BodyHandlers.discarding());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException away) {
            LOG.warn("{} was not reached: {}", target, away.getMessage());
        }
    }

    private HttpResponse<byte[]> send(
            HostInfo host, String method, UriInfo uri, HttpHeaders headers, byte[] body)
            throws IOException {
        var asked = uri.getRequestUri();
        String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
        var target =
                URI.create(
                        "http://%s:%d%s%s"
                                .formatted(host.host(), host.port(), asked.getRawPath(), query));
        var request =
                HttpRequest.newBuilder(target)
                        .timeout(LIMIT)
                        .header(HOP, "1")
                        .method(method, BodyPublishers.ofByteArray(body));
        for (String header : PASSED_ON) {
            String value = headers.getHeaderString(header);
            if (value != null) {
                request.header(header, value);
            }
        }
        try {
            return Http.CLIENT.send(request.build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        }
    }
}
