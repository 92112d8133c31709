package dev.openkcm.networking.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/** Speaks to the services in the shape they all share. */
public final class RestClient {
    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final int WAIT_SECONDS = 10;
    private static final int PAGE = 500;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration OPERATION_POLL = Duration.ofMillis(200);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http;
    private final Servers servers;
    private final Duration patience;

    /** {@code patience} bounds how long a service that says it is not ready is asked again. */
    public RestClient(Servers servers, Duration patience) {
        this.servers = servers;
        this.patience = patience;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build();
    }

    public Answer apply(
            Kind kind, String namespace, String name, JsonNode manifest, boolean dryRun) {
        HttpRequest.Builder request =
                request(kind, one(kind, namespace, name) + (dryRun ? "?dryRun=All" : ""))
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(manifest.toString()));
        return decided(kind, request);
    }

    public Answer delete(Kind kind, String namespace, String name, boolean dryRun) {
        return decided(
                kind,
                request(kind, one(kind, namespace, name) + (dryRun ? "?dryRun=All" : "")).DELETE());
    }

    public Answer get(Kind kind, String namespace, String name) {
        return send(kind, request(kind, one(kind, namespace, name)).GET());
    }

    /** Asks whether one end can reach the other; the parameters as the policy service has them. */
    public Answer reachability(
            Kind policies, String namespace, String network, Map<String, String> question) {
        StringBuilder query = new StringBuilder("?fresh=true");
        question.forEach((name, value) -> query.append(parameter(name, value)));
        return send(policies, request(policies, reachabilityOf(namespace, network) + query).GET());
    }

    /** Asks for {@code matrix} or {@code preview} of a Network. */
    public Answer reachability(
            Kind policies, String namespace, String network, String what, JsonNode body) {
        return send(
                policies,
                request(policies, reachabilityOf(namespace, network) + "/" + what + "?fresh=true")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString())));
    }

    private static String reachabilityOf(String namespace, String network) {
        return API
                + "/namespaces/"
                + encoded(namespace)
                + "/networks/"
                + encoded(network)
                + "/reachability";
    }

    public Answer events(Kind kind, String namespace, String name) {
        return send(kind, request(kind, one(kind, namespace, name) + "/events").GET());
    }

    /** What a service says below a resource, such as why it is as it is. */
    public Answer below(Kind kind, String namespace, String name, String question) {
        return send(kind, request(kind, one(kind, namespace, name) + "/" + question).GET());
    }

    /** Why an interface is in what is computed, or is not. */
    public Answer explanation(Kind kind, String namespace, String name, String nic) {
        return below(kind, namespace, name, "explain?interface=" + encoded(nic));
    }

    /** Who had an address, or a port of it; what is empty is left to the service. */
    public Answer owner(String ip, String port, String at, String network) {
        Kind gateways = Kinds.find("natgateways").orElseThrow();
        String query =
                "?ip="
                        + encoded(ip)
                        + parameter("port", port)
                        + parameter("asOf", at)
                        + parameter("network", network);
        return send(gateways, request(gateways, many(gateways, "") + "/owner" + query).GET());
    }

    /** All pages of a list; an empty namespace means all of them. */
    public Answer list(Kind kind, String namespace, String labelSelector) {
        List<JsonNode> items = new ArrayList<>();
        String next = "";
        JsonNode last;
        do {
            String query =
                    "?limit="
                            + PAGE
                            + parameter("labelSelector", labelSelector)
                            + parameter("continue", next);
            Answer page = send(kind, request(kind, many(kind, namespace) + query).GET());
            if (!(page instanceof Answer.Done(JsonNode body))) {
                return page;
            }
            body.path("items").forEach(items::add);
            next = body.at("/metadata/continue").asText("");
            last = body;
        } while (!next.isEmpty());
        ObjectNode whole = json.createObjectNode();
        whole.set("apiVersion", last.path("apiVersion"));
        whole.put("kind", last.path("kind").asText(kind.name() + "List"));
        whole.putArray("items").addAll(items);
        return new Answer.Done(whole);
    }

    /**
     * Hands over every change, beginning with what exists, until the consumer returns false.
     *
     * <p>A stream that breaks off is taken up where it ended.
     */
    public void watch(
            Kind kind,
            String namespace,
            String name,
            String labelSelector,
            Predicate<Change> consumer) {
        String path =
                (name.isEmpty() ? many(kind, namespace) : one(kind, namespace, name))
                        + "?watch=true"
                        + parameter("labelSelector", labelSelector);
        String lastId = "";
        while (true) {
            HttpRequest.Builder request =
                    request(kind, path).GET().header("Accept", "text/event-stream");
            if (!lastId.isEmpty()) {
                request.header("Last-Event-ID", lastId);
            }
            HttpResponse<InputStream> response = exchange(kind, request.build());
            if (response.statusCode() != 200) {
                throw new UnreachableException(
                        String.join(
                                "\n", Problem.of(response.statusCode(), body(response)).lines()));
            }
            if (!response.headers()
                    .firstValue("Content-Type")
                    .orElse("")
                    .startsWith("text/event-stream")) {
                throw new UnreachableException(
                        "The service of "
                                + kind.plural()
                                + " at "
                                + servers.baseUrl(kind)
                                + " does not stream changes.");
            }
            try (EventStream stream =
                    new EventStream(
                            new BufferedReader(
                                    new InputStreamReader(
                                            response.body(), StandardCharsets.UTF_8)))) {
                while (stream.next()) {
                    lastId = stream.id();
                    if (stream.event().equals("ERROR")) {
                        break; // Too far behind to resume: the next stream begins anew.
                    }
                    JsonNode data = json.readTree(stream.data());
                    if (!consumer.test(
                            new Change(
                                    data.path("type").asText(stream.event()),
                                    data.path("object")))) {
                        return;
                    }
                }
            } catch (JsonProcessingException e) {
                throw new UnreachableException(
                        servers.baseUrl(kind) + " sent a change that is not JSON.", e);
            } catch (IOException e) {
                // Broken off: the next round resumes after the last change seen.
            }
            pause(OPERATION_POLL);
        }
    }

    private Answer decided(Kind kind, HttpRequest.Builder request) {
        // The same id over every retry, so that a repeated request is answered and not decided
        // again.
        Answer answer =
                send(
                        kind,
                        request.header("Prefer", "wait=" + WAIT_SECONDS)
                                .header("Idempotency-Key", UUID.randomUUID().toString()));
        if (!(answer instanceof Answer.Undecided(String operation)) || operation.isEmpty()) {
            return answer;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        Answer now = answer;
        while (now instanceof Answer.Undecided && System.nanoTime() < deadline) {
            pause(OPERATION_POLL);
            now = send(kind, request(kind, operation).GET());
            if (now instanceof Answer.Done(JsonNode body)) {
                now = concluded(body, answer);
            }
        }
        return now;
    }

    /** What an operation's document says of its outcome, once it has one. */
    private static Answer concluded(JsonNode operation, Answer undecided) {
        JsonNode result = operation.path("result");
        if (result.isMissingNode()) {
            return undecided;
        }
        return result.path("outcome").asText().equals("Rejected")
                ? new Answer.Refused(Problem.of(200, result))
                : new Answer.Done(operation);
    }

    private Answer send(Kind kind, HttpRequest.Builder builder) {
        HttpRequest request = builder.header("Accept", "application/json").build();
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            HttpResponse<InputStream> response = exchange(kind, request);
            JsonNode body = body(response);
            int status = response.statusCode();
            if (status == 503 && System.nanoTime() < deadline) {
                pause(retryAfter(response));
                continue;
            }
            if (status == 202) {
                return new Answer.Undecided(response.headers().firstValue("Location").orElse(""));
            }
            if (status / 100 == 2) {
                return new Answer.Done(body);
            }
            return new Answer.Refused(Problem.of(status, body));
        }
    }

    private HttpResponse<InputStream> exchange(Kind kind, HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw new UnreachableException(
                    "The service of "
                            + kind.plural()
                            + " does not answer at "
                            + servers.baseUrl(kind)
                            + ". Start the platform with `kcm up`, or see what runs with `kcm status`.",
                    e);
        } catch (IOException e) {
            throw new UnreachableException(
                    "The service of "
                            + kind.plural()
                            + " at "
                            + servers.baseUrl(kind)
                            + " broke off: "
                            + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("Interrupted.", e);
        }
    }

    private JsonNode body(HttpResponse<InputStream> response) {
        try (InputStream in = response.body()) {
            JsonNode body = json.readTree(in);
            return body == null || body.isMissingNode() ? NullNode.getInstance() : body;
        } catch (IOException e) {
            // Not JSON, so not one of our services: the status alone has to tell.
            return NullNode.getInstance();
        }
    }

    private HttpRequest.Builder request(Kind kind, String path) {
        URI uri =
                path.startsWith("http")
                        ? URI.create(path)
                        : URI.create(servers.baseUrl(kind) + path);
        return HttpRequest.newBuilder(uri);
    }

    private static String many(Kind kind, String namespace) {
        return kind.namespaced() && !namespace.isEmpty()
                ? API + "/namespaces/" + encoded(namespace) + "/" + kind.plural()
                : API + "/" + kind.plural();
    }

    private static String one(Kind kind, String namespace, String name) {
        return many(kind, namespace) + "/" + encoded(name);
    }

    private static String parameter(String name, String value) {
        return value.isEmpty() ? "" : "&" + name + "=" + encoded(value);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        try {
            Duration asked =
                    Duration.ofSeconds(
                            response.headers()
                                    .firstValue("Retry-After")
                                    .map(Long::parseLong)
                                    .orElse(1L));
            return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
        } catch (NumberFormatException e) {
            return LONGEST_PAUSE;
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("Interrupted.", e);
        }
    }
}
