package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Palette;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what it is sent and answers as a service does, over real HTTP. */
final class FakePlatform implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");
    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";

    private final ObjectMapper json = new ObjectMapper();
    private final HttpServer server;
    private final Map<String, ObjectNode> documents = new TreeMap<>();
    final List<String> requests = new ArrayList<>();
    final AtomicInteger notReady = new AtomicInteger();
    final AtomicInteger undecided = new AtomicInteger();

    /** What a run of the command line has left behind. */
    record Outcome(int code, String out, String err) {}

    FakePlatform() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    Outcome run(String in, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String url = "http://localhost:" + server.getAddress().getPort();
        Session session =
                new Session(
                        new Console(new PrintWriter(out), new PrintWriter(err), Palette.PLAIN),
                        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                        Map.of(
                                "KCM_SERVER_NETWORK",
                                url,
                                "KCM_SERVER_INTERFACE",
                                url + "/",
                                "KCM_SERVER_POLICY",
                                "http://localhost:1"),
                        InstantSource.fixed(NOW),
                        Path.of("."));
        int code = CommandTree.of(session).execute(arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        if (notReady.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            exchange.getResponseHeaders().add("Retry-After", "0");
            answer(exchange, 503, "{\"reason\":\"NotReady\"}");
            return;
        }
        if (path.startsWith(API + "/operations/")) {
            answer(
                    exchange,
                    200,
                    undecided.getAndDecrement() > 1
                            ? "{\"status\":\"Pending\"}"
                            : "{\"status\":\"Accepted\",\"result\":{\"outcome\":\"Accepted\",\"created\":true}}");
            return;
        }
        String key = path.startsWith(API) ? path.substring(API.length()) : path;
        try {
            switch (exchange.getRequestMethod()) {
                case "PUT" -> put(exchange, key, query.contains("dryRun=All"));
                case "DELETE" -> delete(exchange, key);
                default -> get(exchange, key, query);
            }
        } catch (RuntimeException nonsense) {
            answer(exchange, 400, "{\"reason\":\"BadRequest\",\"detail\":\"it makes no sense\"}");
        }
    }

    private void put(HttpExchange exchange, String key, boolean dryRun) throws IOException {
        ObjectNode document = (ObjectNode) json.readTree(exchange.getRequestBody());
        if (document.at("/spec/wrong").isMissingNode()) {
            accept(exchange, key, document, dryRun);
            return;
        }
        answer(
                exchange,
                422,
                """
                {"title": "Invalid", "reason": "Invalid", "detail": "2 causes", "causes": [
                  {"reason": "FieldValueForbidden", "field": "spec.wrong", "message": "unknown field"},
                  {"reason": "FieldValueRequired", "field": "spec.networkRef", "message": ""}]}
                """);
    }

    private void accept(HttpExchange exchange, String key, ObjectNode document, boolean dryRun)
            throws IOException {
        ObjectNode metadata = (ObjectNode) document.get("metadata");
        metadata.put("creationTimestamp", "2026-01-01T00:00:00Z");
        metadata.put("namespace", key.split("/", -1)[2]);
        document.putObject("status").put("state", "Available");
        ObjectNode known = documents.get(key);
        if (dryRun) {
            answer(
                    exchange,
                    200,
                    "{\"outcome\":\"Accepted\",\"events\":[{\"sequence\":1,\"type\":\"NetworkCreated\","
                            + "\"data\":{\"labels\":{\"app\":\"web\"}}}]}");
            return;
        }
        documents.put(key, document);
        if (undecided.get() > 0) {
            exchange.getResponseHeaders().add("Location", API + "/operations/42");
            answer(exchange, 202, "{\"status\":\"Pending\"}");
            return;
        }
        String outcome = document.equals(known) ? "Unchanged" : "Accepted";
        answer(
                exchange,
                known == null ? 201 : 200,
                "{\"result\":{\"outcome\":\""
                        + outcome
                        + "\",\"created\":"
                        + (known == null)
                        + "},\"document\":"
                        + document
                        + "}");
    }

    private void delete(HttpExchange exchange, String key) throws IOException {
        if (documents.remove(key) == null) {
            answer(exchange, 404, "{\"reason\":\"NotFound\",\"detail\":\"it does not exist\"}");
            return;
        }
        answer(exchange, 200, "{\"result\":{\"outcome\":\"Accepted\"}}");
    }

    private void get(HttpExchange exchange, String key, String query) throws IOException {
        if (query.contains("watch=true")) {
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            StringBuilder stream = new StringBuilder(": hello\n\n");
            documents
                    .values()
                    .forEach(one ->
                            stream.append(
                                            "event: ADDED\nid: 7\ndata: {\"type\":\"ADDED\",\"object\":")
                                    .append(one)
                                    .append("}\n\n"));
            answer(exchange, 200, stream.toString());
            return;
        }
        if (key.endsWith("/events")) {
            answer(
                    exchange,
                    200,
                    "{\"kind\":\"EventList\",\"items\":[{\"sequence\":1,\"time\":\"2026-01-01T00:00:05Z\","
                            + "\"type\":\"NetworkCreated\",\"causedBy\":\"c1\",\"data\":{\"peerings\":[{\"name\":\"p\"}]}}]}");
            return;
        }
        ObjectNode one = documents.get(key);
        if (one != null) {
            answer(exchange, 200, one.toString());
        } else if (key.matches(".*/(networks|networkinterfaces)")) {
            list(exchange, key, query);
        } else {
            answer(exchange, 404, "{\"reason\":\"NotFound\",\"detail\":\"it does not exist\"}");
        }
    }

    /** A page per document, so that whoever reads one page only is found out. */
    private void list(HttpExchange exchange, String key, String query) throws IOException {
        List<JsonNode> items = new ArrayList<>();
        documents.forEach((path, document) -> {
            if (path.startsWith(key + "/") || path.contains(key + "/")) {
                items.add(document);
            }
        });
        int from =
                query.contains("continue=")
                        ? Integer.parseInt(query.replaceAll(".*continue=([0-9]+).*", "$1"))
                        : 0;
        ObjectNode page = json.createObjectNode();
        page.put("kind", "NetworkList");
        page.putObject("metadata")
                .put("continue", from + 1 < items.size() ? String.valueOf(from + 1) : "");
        page.putArray("items").addAll(items.stream().skip(from).limit(1).toList());
        answer(exchange, 200, page.toString());
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
