package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Policies with the verdicts that an independent implementation expects of them, through the real
 * services: apply the resources of each step, read the matrix, compare, delete what is left.
 *
 * <p>The system property {@code openkcm.netpol} names the folder with {@code cases.jsonl}.
 */
class PolicyCasesTest {

    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final int CASES_AT_ONCE = 4;
    private static final Duration SOON = Duration.ofMinutes(5);

    /** Where each kind is served, in the order in which resources are deleted. */
    private static final Map<String, String> PLURALS = new LinkedHashMap<>();

    static {
        PLURALS.put("NetworkPolicy", "networkpolicies");
        PLURALS.put("NetworkInterface", "networkinterfaces");
        PLURALS.put("Network", "networks");
    }

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();
    private final ConcurrentLinkedQueue<String> differences = new ConcurrentLinkedQueue<>();
    private final AtomicLong verdicts = new AtomicLong();
    private final AtomicLong steps = new AtomicLong();

    @TempDir private Path folder;

    @Test
    void everyVerdictIsTheExpectedOneAndNothingIsLeftBehind() throws Exception {
        String data = System.getProperty("openkcm.netpol", "");
        assumeTrue(
                !data.isEmpty(),
                "no cases: name the folder with cases.jsonl as -Dopenkcm.netpol=FOLDER");
        var cases = Files.readAllLines(Path.of(data, "cases.jsonl"));
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var registry = EmbeddedRegistry.start(folder.resolve("registry"));
                var networks = service("services/network", kafka, registry);
                var interfaces = service("services/interface", kafka, registry);
                var policies = service("services/policy", kafka, registry)) {
            services.put("Network", networks);
            services.put("NetworkInterface", interfaces);
            services.put("NetworkPolicy", policies);
            for (var service : services.values()) {
                service.start();
            }
            for (var service : services.values()) {
                service.awaitReady(SOON);
            }
            runAll(cases);
            System.out.printf(
                    "%d cases, %d steps, %d verdicts, %d differences%n",
                    cases.size(), steps.get(), verdicts.get(), differences.size());
            assertThat(differences).isEmpty();
            assertThat(steps.get()).isGreaterThanOrEqualTo(cases.size());
            assertThat(verdicts.get()).isGreaterThan(1_000);
            nothingIsLeft(new Topics(kafka.bootstrapServers()));
        }
    }

    private ServiceProcess service(String module, EmbeddedKafka kafka, EmbeddedRegistry registry) {
        return new ServiceProcess(
                module, Ports.free(1).getFirst(), folder, kafka.bootstrapServers(), registry.url());
    }

    private void runAll(List<String> cases) throws InterruptedException, ExecutionException {
        try (var runners = Executors.newFixedThreadPool(CASES_AT_ONCE);
                var requests = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < cases.size(); i++) {
                String line = cases.get(i);
                String namespace = "case-" + i;
                running.add(
                        runners.submit(() -> {
                            run(json.readTree(line), namespace, requests);
                            return namespace;
                        }));
            }
            for (var one : running) {
                one.get();
            }
        }
    }

    /** Each case has a namespace of its own. */
    private void run(JsonNode one, String namespace, ExecutorService requests) throws Exception {
        var present = new LinkedHashMap<String, JsonNode>();
        for (var step : one.path("steps")) {
            var wanted = new LinkedHashMap<String, JsonNode>();
            for (var resource : step.path("resources")) {
                ((ObjectNode) resource).put("apiVersion", "networking.OpenKCM.dev/v1alpha1");
                ((ObjectNode) resource.path("metadata")).put("namespace", namespace);
                wanted.put(title(resource), resource);
            }
            var changes = new ArrayList<Callable<String>>();
            wanted.forEach((title, resource) -> {
                if (!resource.equals(present.get(title))) {
                    changes.add(() -> put(namespace, resource));
                }
            });
            present.forEach((title, resource) -> {
                if (!wanted.containsKey(title)) {
                    changes.add(() -> delete(namespace, resource));
                }
            });
            doAll(changes, requests);
            present.clear();
            present.putAll(wanted);
            settled(namespace, step.path("order").size());
            compare(one.path("description").asText(), namespace, step);
            steps.incrementAndGet();
        }
        for (String kind : PLURALS.keySet()) {
            var deletions = new ArrayList<Callable<String>>();
            present.values()
                    .forEach(resource -> {
                        if (resource.path("kind").asText().equals(kind)) {
                            deletions.add(() -> delete(namespace, resource));
                        }
                    });
            doAll(deletions, requests);
        }
    }

    private static void doAll(List<Callable<String>> changes, ExecutorService requests)
            throws InterruptedException, ExecutionException {
        for (var change : requests.invokeAll(changes)) {
            change.get();
        }
    }

    private static String title(JsonNode resource) {
        return resource.path("kind").asText() + "/" + resource.at("/metadata/name").asText();
    }

    private URI uri(String namespace, JsonNode resource) {
        String kind = resource.path("kind").asText();
        return URI.create(
                "%s%s/namespaces/%s/%s/%s"
                        .formatted(
                                services.get(kind).url(),
                                API,
                                namespace,
                                PLURALS.get(kind),
                                resource.at("/metadata/name").asText()));
    }

    private String put(String namespace, JsonNode resource) throws Exception {
        return send(
                HttpRequest.newBuilder(uri(namespace, resource))
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(resource.toString())));
    }

    private String delete(String namespace, JsonNode resource) throws Exception {
        return send(HttpRequest.newBuilder(uri(namespace, resource)).DELETE());
    }

    /**
     * Waits for the answer. A service that is not ready, or has not decided yet, is asked again
     * with the same id, so that nothing happens twice.
     */
    private String send(HttpRequest.Builder request) throws Exception {
        var built =
                request.header("Prefer", "wait=30")
                        .header("Idempotency-Key", UUID.randomUUID().toString())
                        .build();
        long deadline = System.nanoTime() + SOON.toNanos();
        while (true) {
            var response = http.send(built, BodyHandlers.ofString());
            boolean undecided = response.statusCode() == 503 || response.statusCode() == 202;
            if (undecided && System.nanoTime() < deadline) {
                Thread.sleep(200);
                continue;
            }
            assertThat(response.statusCode())
                    .as("%s %s", built.uri(), response.body())
                    .isIn(200, 201);
            return response.body();
        }
    }

    /** All interfaces hold their addresses. */
    private void settled(String namespace, int interfaces) {
        var list =
                URI.create(
                        "%s%s/namespaces/%s/networkinterfaces"
                                .formatted(services.get("NetworkInterface").url(), API, namespace));
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    var items =
                            json.readTree(send(HttpRequest.newBuilder(list).GET())).path("items");
                    int available = 0;
                    for (var item : items) {
                        if (item.at("/status/state").asText().equals("Available")) {
                            available++;
                        }
                    }
                    return items.size() == interfaces && available == interfaces;
                });
    }

    private void compare(String description, String namespace, JsonNode step) throws Exception {
        var question = json.createObjectNode();
        for (var expected : step.path("expect").properties()) {
            String[] port = expected.getKey().split("/", 2);
            question.withArray("ports")
                    .addObject()
                    .put("protocol", port[0])
                    .put("port", Integer.parseInt(port[1]));
        }
        var matrix =
                json.readTree(
                        send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "%s%s/namespaces/%s/networks/net/reachability/matrix?fresh=true"
                                                                .formatted(
                                                                        services.get(
                                                                                        "NetworkPolicy")
                                                                                .url(),
                                                                        API,
                                                                        namespace)))
                                        .header("Content-Type", "application/json")
                                        .POST(BodyPublishers.ofString(question.toString()))));
        var places = new LinkedHashMap<String, Integer>();
        matrix.path("to").forEach(name -> places.put(name.asText(), places.size()));
        var order = new ArrayList<String>();
        step.path("order").forEach(name -> order.add(name.asText()));
        for (var port : matrix.path("ports")) {
            String title = port.path("protocol").asText() + "/" + port.path("port").asText();
            var rows = new LinkedHashMap<String, JsonNode>();
            port.path("rows").forEach(row -> rows.put(row.path("from").asText(), row));
            for (String which : List.of("ingress", "egress", "combined")) {
                var expected = step.path("expect").path(title).path(which);
                for (int from = 0; from < order.size(); from++) {
                    String marks = rows.get(order.get(from)).path(which).asText();
                    for (int to = 0; to < order.size(); to++) {
                        char wanted = expected.path(from).asText().charAt(to);
                        if (from == to || wanted == '?') {
                            continue;
                        }
                        verdicts.incrementAndGet();
                        char found = marks.charAt(places.get(order.get(to)));
                        if (found != wanted) {
                            differences.add(
                                    "%s: %s %s %s -> %s is %s"
                                            .formatted(
                                                    description,
                                                    title,
                                                    which,
                                                    order.get(from),
                                                    order.get(to),
                                                    found));
                        }
                    }
                }
            }
        }
    }

    private void nothingIsLeft(Topics topics) {
        await().atMost(SOON)
                .untilAsserted(() -> {
                    for (var kind : PLURALS.entrySet()) {
                        String list =
                                send(
                                        HttpRequest.newBuilder(
                                                        URI.create(
                                                                services.get(kind.getKey()).url()
                                                                        + API
                                                                        + "/"
                                                                        + kind.getValue()))
                                                .GET());
                        assertThat(json.readTree(list).path("items")).as(kind.getKey()).isEmpty();
                    }
                });
        for (String topic :
                List.of("openkcm.network-policy.rules.v1", "openkcm.network-policy.groups.v1")) {
            assertThat(topics.keys(topic)).as(topic).isEmpty();
        }
    }
}
