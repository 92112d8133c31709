package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.jspecify.annotations.Nullable;

/** A schema registry in this process that speaks the REST protocol, and fails when told to. */
final class FakeRegistry implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private record Answer(int status, JsonNode body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<String> requests = new ArrayList<>();
    private final Queue<Integer> failures = new ArrayDeque<>();
    private final List<String> schemas = new ArrayList<>();
    private final Map<Integer, JsonNode> oddities = new HashMap<>();
    private final Map<String, List<Integer>> subjects = new HashMap<>();
    private final Map<String, String> levels = new HashMap<>();
    private @Nullable String requiredAuthorization;
    private boolean down;
    private boolean hanging;

    FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** The next requests get these answers, then all is well again. */
    synchronized void failNext(Integer... statuses) {
        failures.addAll(List.of(statuses));
    }

    /** Whether connections are closed without an answer. */
    synchronized void setDown(boolean down) {
        this.down = down;
    }

    /** From now on no answer comes before the server is closed. */
    synchronized void hang() {
        hanging = true;
    }

    synchronized void requireAuthorization(String header) {
        requiredAuthorization = header;
    }

    /** Answers for an id what no client of ours would have registered. */
    synchronized void answerForId(int id, String body) throws IOException {
        oddities.put(id, JSON.readTree(body));
    }

    /** Loses everything, as a registry that was set up anew has. */
    synchronized void forgetEverything() {
        schemas.clear();
        subjects.clear();
    }

    /** Method and path of what was asked and answered by the protocol or a planned failure. */
    synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    synchronized int idsGiven() {
        return schemas.size();
    }

    synchronized String text(int id) {
        return schemas.get(id - 1);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (waitsForEver()) {
                closed.await();
                return;
            }
            var body = exchange.getRequestBody().readAllBytes();
            var answer = answer(exchange, body);
            if (answer == null) {
                return;
            }
            var bytes = JSON.writeValueAsBytes(answer.body());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean waitsForEver() {
        return hanging;
    }

    private synchronized @Nullable Answer answer(HttpExchange exchange, byte[] body)
            throws IOException {
        if (down) {
            return null;
        }
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        var failure = failures.poll();
        if (failure != null) {
            return error(failure, failure * 100 + 1, "planned");
        }
        if (requiredAuthorization != null
                && !requiredAuthorization.equals(
                        exchange.getRequestHeaders().getFirst("Authorization"))) {
            return error(401, 40101, "Unauthorized");
        }
        var parts = exchange.getRequestURI().getRawPath().substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = URLDecoder.decode(parts[i], StandardCharsets.UTF_8);
        }
        var route = exchange.getRequestMethod() + " " + parts[0] + " " + parts.length;
        return switch (route) {
            case "GET schemas 3" -> byId(Integer.parseInt(parts[2]));
            case "POST subjects 3" -> register(parts[1], JSON.readTree(body));
            case "POST subjects 2" -> lookup(parts[1], JSON.readTree(body));
            case "GET subjects 4" -> latest(parts[1]);
            case "PUT config 2" -> configure(parts[1], JSON.readTree(body));
            case "POST compatibility 4" -> compatibility(parts[2], JSON.readTree(body));
            default -> new Answer(404, JSON.createObjectNode().put("detail", "no such page"));
        };
    }

    private Answer byId(int id) {
        var odd = oddities.get(id);
        if (odd != null) {
            return new Answer(200, odd);
        }
        return id < 1 || id > schemas.size()
                ? error(404, 40403, "Schema %d not found".formatted(id))
                : new Answer(200, JSON.createObjectNode().put("schema", schemas.get(id - 1)));
    }

    private Answer register(String subject, JsonNode body) {
        var text = body.path("schema").asText();
        if (!text.startsWith("{")) {
            return error(422, 42201, "Invalid schema");
        }
        if (!incompatibilities(subject, text).isEmpty()) {
            return error(409, 409, "Incompatible: " + incompatibilities(subject, text));
        }
        if (!schemas.contains(text)) {
            schemas.add(text);
        }
        int id = schemas.indexOf(text) + 1;
        var versions = subjects.computeIfAbsent(subject, _ -> new ArrayList<>());
        if (!versions.contains(id)) {
            versions.add(id);
        }
        return new Answer(200, JSON.createObjectNode().put("id", id));
    }

    private Answer lookup(String subject, JsonNode body) {
        int id = schemas.indexOf(body.path("schema").asText()) + 1;
        return subjects.getOrDefault(subject, List.of()).contains(id)
                ? new Answer(200, version(subject, id))
                : error(404, 40403, "Schema not found");
    }

    private Answer latest(String subject) {
        var versions = subjects.get(subject);
        return versions == null
                ? error(404, 40401, "Subject '%s' not found".formatted(subject))
                : new Answer(200, version(subject, versions.getLast()));
    }

    private ObjectNode version(String subject, int id) {
        return JSON.createObjectNode()
                .put("subject", subject)
                .put("version", subjects.get(subject).indexOf(id) + 1)
                .put("id", id)
                .put("schema", schemas.get(id - 1));
    }

    private Answer configure(String subject, JsonNode body) {
        levels.put(subject, body.path("compatibility").asText());
        return new Answer(200, body);
    }

    private Answer compatibility(String subject, JsonNode body) {
        if (!subjects.containsKey(subject)) {
            return error(404, 40401, "Subject '%s' not found".formatted(subject));
        }
        var messages = incompatibilities(subject, body.path("schema").asText());
        var answer = JSON.createObjectNode().put("is_compatible", messages.isEmpty());
        messages.forEach(answer.putArray("messages")::add);
        return new Answer(200, answer);
    }

    private List<String> incompatibilities(String subject, String text) {
        if (levels.getOrDefault(subject, "BACKWARD").equals("NONE")) {
            return List.of();
        }
        var reader = new Schema.Parser().parse(text);
        return subjects.getOrDefault(subject, List.of()).stream()
                .map(id -> new Schema.Parser().parse(schemas.get(id - 1)))
                .map(writer -> SchemaCompatibility.checkReaderWriterCompatibility(reader, writer))
                .filter(pair -> pair.getType() == SchemaCompatibilityType.INCOMPATIBLE)
                .flatMap(pair -> pair.getResult().getIncompatibilities().stream())
                .map(incompatibility -> incompatibility.getMessage())
                .toList();
    }

    private static Answer error(int status, int code, String message) {
        return new Answer(
                status, JSON.createObjectNode().put("error_code", code).put("message", message));
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
