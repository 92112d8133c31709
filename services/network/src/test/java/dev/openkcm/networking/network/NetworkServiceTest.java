package dev.openkcm.networking.network;

import static io.restassured.RestAssured.given;
import static io.restassured.config.EncoderConfig.encoderConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import dev.openkcm.networking.kernel.rest.ServiceRuntime;
import dev.openkcm.networking.kernel.test.RealStack;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service over HTTP and topics, on a real broker and a real registry. */
@QuarkusTest
@QuarkusTestResource(RealStack.class)
class NetworkServiceTest {

    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final Duration SOON = Duration.ofSeconds(20);

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @Inject ServiceRuntime runtime;

    private String namespace;

    @BeforeEach
    void ready() {
        namespace = "ns-" + UUID.randomUUID().toString().substring(0, 8);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
    }

    private String url(String name) {
        return API + "/namespaces/" + namespace + "/networks/" + name;
    }

    private static String manifest(String name, String peerings) {
        return """
        apiVersion: networking.OpenKCM.dev/v1alpha1
        kind: Network
        metadata:
          name: %s
        spec:
          peerings: %s
        """
                .formatted(name, peerings);
    }

    private static RequestSpecification waiting() {
        return yaml().header("Prefer", "wait=20");
    }

    private static RequestSpecification yaml() {
        return given().config(
                        RestAssured.config()
                                .encoderConfig(
                                        encoderConfig()
                                                .encodeContentTypeAs(
                                                        "application/yaml", ContentType.TEXT)))
                .contentType("application/yaml");
    }

    private ValidatableResponse put(String name, String peerings) {
        return waiting().body(manifest(name, peerings)).put(url(name)).then();
    }

    private ValidatableResponse eventually(
            String name, java.util.function.Consumer<ValidatableResponse> expected) {
        await().atMost(SOON).untilAsserted(() -> expected.accept(given().get(url(name)).then()));
        return given().get(url(name)).then();
    }

    private void publish(String key, byte @Nullable [] value, Map<String, String> headers) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            var record = new ProducerRecord<>("openkcm.network.commands.v1", key, value);
            headers.forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
            var _ = producer.send(record);
        }
    }

    /** The headers of all records of a topic whose key is given, by reading it to its end. */
    private List<Map<String, String>> headers(String topic, String key) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
        var found = new java.util.ArrayList<Map<String, String>>();
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (key.equals(new String(record.key(), StandardCharsets.UTF_8))) {
                        var headers = new HashMap<String, String>();
                        record.headers()
                                .forEach(h ->
                                        headers.put(
                                                h.key(),
                                                new String(h.value(), StandardCharsets.UTF_8)));
                        found.add(headers);
                    }
                }
            }
        }
        return found;
    }

    @Test
    void thePagesOwnSampleBecomesWhatThePageShows() {
        put("network-sample", "[{name: peering1, networkRef: [{name: network-sample2}]}]")
                .statusCode(201);
        put("network-sample2", "[{name: peering2, networkRef: {name: network-sample}}]")
                .statusCode(201);

        eventually(
                        "network-sample",
                        it -> it.statusCode(200).body("status.peerings[0].state", equalTo("Ready")))
                .body("apiVersion", equalTo("networking.OpenKCM.dev/v1alpha1"))
                .body("kind", equalTo("Network"))
                .body("metadata.name", equalTo("network-sample"))
                .body("spec.peerings[0].name", equalTo("peering1"))
                .body("spec.peerings[0].networkRef.name", equalTo("network-sample2"))
                .body("spec.incomingPeerings.name", equalTo(List.of("network-sample2")))
                .body(
                        "spec.providerID",
                        matchesPattern(
                                "OpenKCM-net://OpenKCM-net-system/[0-9a-f-]{36}/[0-9]+/[0-9a-f-]{36}"))
                .body("status.peerings[0].name", equalTo("peering1"))
                .body("status.peerings[0].phase", equalTo("Bound"))
                .body("status.state", equalTo("Available"));
    }

    @Test
    void aDocumentThatWasReadCanBeAppliedAgain() {
        put("a", "[]").statusCode(201);
        String document = given().get(url("a")).asString();

        waiting()
                .contentType("application/json")
                .body(document)
                .put(url("a"))
                .then()
                .statusCode(200)
                .body("result.outcome", equalTo("Unchanged"));
    }

    @Test
    void everyCauseIsToldWithItsPath() {
        put("a", "[{name: A}, {name: b, networkRef: {name: a}}, {name: c, x: 1, networkRef: [q]}]")
                .statusCode(422)
                .contentType("application/problem+json")
                .body("title", equalTo("Unprocessable Content"))
                .body(
                        "causes.field",
                        equalTo(
                                List.of(
                                        "spec.peerings[2].x",
                                        "spec.peerings[2].networkRef",
                                        "spec.peerings[0].name",
                                        "spec.peerings[0].networkRef.name",
                                        "spec.peerings[1].networkRef")));
        put("a", "[{name: A}, {name: b, networkRef: {name: a}}]")
                .statusCode(422)
                .body("reason", equalTo("Invalid"))
                .body(
                        "causes.field",
                        equalTo(
                                List.of(
                                        "spec.peerings[0].name",
                                        "spec.peerings[0].networkRef.name",
                                        "spec.peerings[1].networkRef")));
        given().get(url("a")).then().statusCode(404).body("reason", equalTo("NotFound"));
    }

    @Test
    void aStaleIfMatchFailsItsPrecondition() {
        String tag = put("a", "[]").statusCode(201).extract().header("ETag");
        waiting()
                .header("If-Match", "\"999\"")
                .body(manifest("a", "[{name: p, networkRef: b}]"))
                .put(url("a"))
                .then()
                .statusCode(412);
        waiting()
                .header("If-Match", tag)
                .body(manifest("a", "[{name: p, networkRef: b}]"))
                .put(url("a"))
                .then()
                .statusCode(200);
        waiting()
                .header("If-None-Match", "*")
                .body(manifest("a", "[]"))
                .put(url("a"))
                .then()
                .statusCode(412);
        given().header("If-None-Match", "*").get(url("none")).then().statusCode(404);
    }

    @Test
    void withoutPreferenceTheOperationTellsTheOutcome() {
        String location =
                yaml().header("Idempotency-Key", "an id/" + namespace)
                        .body(manifest("a", "[]"))
                        .put(url("a"))
                        .then()
                        .statusCode(202)
                        .extract()
                        .header("Location");
        await().atMost(SOON)
                .untilAsserted(() ->
                        given().urlEncodingEnabled(false)
                                .get(location)
                                .then()
                                .body("status", equalTo("Accepted")));
    }

    @Test
    void aDryRunShowsWhatWouldHappenAndDoesNothing() {
        yaml().queryParam("dryRun", "All")
                .body(manifest("a", "[]"))
                .put(url("a"))
                .then()
                .statusCode(200)
                .body("events.type", equalTo(List.of("NetworkCreated")))
                .body("document.metadata.name", equalTo("a"));
        given().get(url("a")).then().statusCode(404);
    }

    @Test
    void historyAndThePastCanBeAsked() {
        put("a", "[]").statusCode(201);
        put("a", "[{name: p, networkRef: b}]").statusCode(200);
        waiting().delete(url("a")).then().statusCode(200);

        var events =
                given().get(url("a") + "/events")
                        .then()
                        .statusCode(200)
                        .body("items.sequence", hasItem(1))
                        .body("items.type", hasItem("NetworkDeleted"))
                        .extract();
        List<Integer> sequences = events.path("items.sequence");
        for (int i = 0; i < sequences.size(); i++) {
            assertThat(sequences.get(i)).isEqualTo(i + 1);
        }
        String created = events.path("items[0].time");
        given().queryParam("asOf", created)
                .get(url("a"))
                .then()
                .statusCode(200)
                .body("status.state", equalTo("Available"));
        given().queryParam("asOf", "2020-01-01T00:00:00Z").get(url("a")).then().statusCode(404);
        given().urlEncodingEnabled(false)
                .queryParam("asOf", created.replace("Z", "+00:00"))
                .get(url("a"))
                .then()
                .statusCode(200);
        given().queryParam("asOf", "yesterday").get(url("a")).then().statusCode(400);
    }

    @Test
    void listsArePagedAndFiltered() {
        for (String name : List.of("a", "b", "c")) {
            waiting()
                    .body(
                            manifest(name, "[]")
                                    .replace(
                                            "metadata:",
                                            "metadata:\n  labels: {app: " + name + "}"))
                    .put(url(name))
                    .then()
                    .statusCode(201);
        }
        String list = API + "/namespaces/" + namespace + "/networks";
        String token =
                given().queryParam("limit", 2)
                        .get(list)
                        .then()
                        .statusCode(200)
                        .body("kind", equalTo("NetworkList"))
                        .body("items.metadata.name", equalTo(List.of("a", "b")))
                        .extract()
                        .path("metadata.continue");
        given().queryParam("limit", 2)
                .queryParam("continue", token)
                .get(list)
                .then()
                .body("items.metadata.name", equalTo(List.of("c")))
                .body("metadata.continue", equalTo(null));
        given().queryParam("labelSelector", "app in (a,c)")
                .get(list)
                .then()
                .body("items.metadata.name", equalTo(List.of("a", "c")));
        given().queryParam("labelSelector", "app in (").get(list).then().statusCode(400);
        given().get(API + "/networks").then().body("items", hasSize(greaterThanOrEqualTo(3)));
        given().queryParam("limit", 0).get(list).then().body("items", hasSize(3));
        given().queryParam("limit", -1).get(list).then().statusCode(400);
        given().get(list.replace("openkcm.dev", "OpenKCM.dev")).then().statusCode(200);
    }

    @Test
    void jsonOnTheTopicIsACommandAndANullDeletes() {
        String json =
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network"}\
                """;
        publish(namespace + "/raw", json.getBytes(StandardCharsets.UTF_8), Map.of());
        eventually("raw", it -> it.statusCode(200).body("status.state", equalTo("Available")));

        publish(namespace + "/raw", null, Map.of());
        eventually("raw", it -> it.statusCode(404));
    }

    @Test
    void poisonIsAnsweredAndSetAsideAndStopsNothing() {
        String key = namespace + "/poison";
        publish(key, "garbage".getBytes(StandardCharsets.UTF_8), Map.of("ce_id", "p-1"));
        publish(key, new byte[] {0, 0, 0, 99, 99, 1, 2}, Map.of("ce_id", "p-2"));
        publish(key, new byte[900_000], Map.of("ce_id", "p-3"));
        publish(
                key,
                "{\"a\":".repeat(5_000).getBytes(StandardCharsets.UTF_8),
                Map.of("ce_id", "p-4"));
        put("after", "[]").statusCode(201);

        await().atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(headers("openkcm.network.dead-letters.v1", key))
                            .extracting(h -> h.get("ce_id"))
                            .containsExactlyInAnyOrder("p-1", "p-2", "p-3", "p-4");
                    assertThat(headers("openkcm.network.results.v1", key))
                            .extracting(h -> h.get("ce_causedby"))
                            .containsExactlyInAnyOrder("p-1", "p-2", "p-3", "p-4");
                });
    }

    @Test
    void traceAndCorrelationTravelThrough() {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        String json = "{\"apiVersion\":\"networking.OpenKCM.dev/v1alpha1\",\"kind\":\"Network\"}";
        publish(
                namespace + "/traced",
                json.getBytes(StandardCharsets.UTF_8),
                Map.of("traceparent", trace, "ce_correlationid", "c-1"));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(headers("openkcm.network.events.v1", namespace + "/traced"))
                                .isNotEmpty()
                                .allSatisfy(h ->
                                        assertThat(h)
                                                .containsEntry("traceparent", trace)
                                                .containsEntry("ce_correlationid", "c-1")
                                                .containsEntry("ce_specversion", "1.0")));
    }

    @Test
    void yamlBombsAndForeignPathsAreRefused() {
        var bomb = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            bomb.append("%c: &%c [".formatted(c, c));
            bomb.append(("*" + (char) (c - 1) + ",").repeat(8)).append("x]\n");
        }
        waiting().body(bomb.toString()).put(url("bomb")).then().statusCode(not(equalTo(500)));
        given().get("/apis/networking.openkcm.dev/v1alpha1/namespaces/x/pods")
                .then()
                .statusCode(404)
                .body("detail", containsString("networks"));
        given().get("/nowhere").then().statusCode(404).body("reason", equalTo("NotFound"));
        given().post(API + "/networks")
                .then()
                .statusCode(405)
                .contentType("application/problem+json")
                .body("reason", equalTo("MethodNotAllowed"));
        waiting().body("{").put(url("x")).then().statusCode(400);
        waiting()
                .body(manifest("x", "[]") + "---\n" + manifest("y", "[]"))
                .put(url("x"))
                .then()
                .statusCode(400)
                .body("detail", containsString("more than one document"));
        waiting()
                .body("#".repeat(300_000))
                .put(url("x"))
                .then()
                .statusCode(413)
                .body("reason", equalTo("TooLarge"));
    }

    @Test
    void aWatchShowsWhatIsThereAndThenWhatChanges() throws Exception {
        put("there", "[]").statusCode(201);
        String list = API + "/namespaces/" + namespace + "/networks";
        var request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://localhost:%d%s?watch=true"
                                                .formatted(RestAssured.port, list)))
                        .build();
        var seen = new ConcurrentLinkedQueue<String>();
        try (var http = HttpClient.newHttpClient();
                Stream<String> lines = http.send(request, BodyHandlers.ofLines()).body()) {
            var reader =
                    Thread.ofVirtual()
                            .start(() ->
                                    lines.filter(l -> l.startsWith("event:"))
                                            .map(l -> l.substring("event:".length()).strip())
                                            .limit(3)
                                            .forEach(seen::add));
            await().atMost(SOON).untilAsserted(() -> assertThat(seen).containsExactly("ADDED"));
            publish(namespace + "/there", null, Map.of());
            await().atMost(SOON).untilAsserted(() -> assertThat(seen).contains("DELETED"));
            put("new", "[]").statusCode(201);
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(seen).containsExactly("ADDED", "DELETED", "ADDED"));
            reader.join();
            http.shutdownNow();
        }
    }

    @Test
    void anAnswerIsAlsoDeliveredWhereTheSenderWantsIt() throws Exception {
        String topic = "answers-" + namespace;
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        String json = "{\"apiVersion\":\"networking.OpenKCM.dev/v1alpha1\",\"kind\":\"Network\"}";
        publish(
                namespace + "/asked",
                json.getBytes(StandardCharsets.UTF_8),
                Map.of("reply-to", topic, "ce_id", "asked-1"));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(headers(topic, namespace + "/asked"))
                                .extracting(h -> h.get("ce_causedby"))
                                .contains("asked-1"));
    }

    /** Neighbours by name are in different partitions. */
    @Test
    void pagesLeaveNothingOut() {
        var names = new TreeSet<String>();
        for (int i = 0; i < 24; i++) {
            names.add("page-" + i);
        }
        byte[] manifest =
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network", "spec": {}}\
                """
                        .getBytes(StandardCharsets.UTF_8);
        names.forEach(name -> publish(namespace + "/" + name, manifest, Map.of()));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(page("", 500).names()).hasSize(names.size()));
        var listed = new ArrayList<String>();
        String token = "";
        do {
            var page = page(token, 5);
            assertThat(page.names()).hasSizeLessThanOrEqualTo(5);
            listed.addAll(page.names());
            token = page.token();
        } while (!token.isEmpty());
        assertThat(listed).containsExactlyElementsOf(names);
    }

    private record Page(List<String> names, String token) {}

    private Page page(String token, int limit) {
        var answer =
                RestAssured.given()
                        .get(
                                API
                                        + "/namespaces/%s/networks?limit=%d&continue=%s"
                                                .formatted(namespace, limit, token))
                        .then()
                        .statusCode(200)
                        .extract()
                        .jsonPath();
        String next = answer.getString("metadata.continue");
        return new Page(answer.getList("items.metadata.name"), next == null ? "" : next);
    }

    /** Of a client that is told in parts as well, Micrometer soon tells nothing as a whole. */
    @Test
    void metricsAreOfWholeClients() {
        put("measured", "[]").statusCode(201);

        assertThat(runtime.applications()).hasSize(3);
        for (var application : runtime.applications()) {
            assertThat(application.streams().metrics().keySet())
                    .anyMatch(metric -> metric.name().equals("records-lag-max"))
                    .noneMatch(metric -> metric.tags().containsKey("topic"))
                    .noneMatch(metric -> metric.tags().containsKey("partition"))
                    .noneMatch(metric -> metric.tags().containsKey("task-id"));
        }
    }

    @Test
    void metricsHealthAndOpenApiAreThere() {
        given().get("/q/openapi").then().statusCode(200).body(containsString("/apis/networking"));
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("kafka_stream_thread_commit_latency_max{"))
                .body(containsString("kafka_consumer_fetch_manager_records_lag_max{"))
                .body(not(containsString("partition=\"")));
        given().get("/q/health/live").then().statusCode(200);
        assertThat(RestAssured.given().get(API + "/networks").header("Content-Type"))
                .startsWith("application/json");
    }
}
