package dev.openkcm.networking.loadbalancer;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.openkcm.networking.kernel.registry.AvroSerdes;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.test.RealStack;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service on a real broker and a real registry; its neighbours are played by records. */
@QuarkusTest
@QuarkusTestResource(RealStack.class)
class LoadBalancerServiceTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final int PARTITIONS = 4;

    private static final String LABELLED = "  name: loadbalancer-sample\n  labels: {team: web}\n";

    private static final String SAMPLE =
            """
            {"type": "Public", "ipFamilies": ["IPv4"], "networkRef": {"name": "network-sample"},
             "networkInterfaceSelector": {"matchLabels": {"app": "web"}}, "ports": [{"port": 80}]}
            """;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @ConfigProperty(name = "schema.registry.url")
    String registryUrl;

    private String namespace;
    private KafkaProducer<String, byte[]> producer;
    private AvroSerdes serdes;

    @BeforeEach
    void ready() {
        namespace = "ns-" + UUID.randomUUID().toString().substring(0, 8);
        producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrapServers),
                        new StringSerializer(),
                        new ByteArraySerializer());
        serdes =
                new AvroSerdes(
                        new SchemaRegistryClient(
                                SchemaRegistryConfig.of(
                                        Map.of(SchemaRegistryConfig.URL, registryUrl))));
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
    }

    @AfterEach
    void stop() {
        producer.close();
    }

    private String url(String plural, String name) {
        return "%s/namespaces/%s/%s/%s".formatted(API, namespace, plural, name);
    }

    private ValidatableResponse put(String name, String spec) {
        return given().header("Prefer", "wait=20")
                .contentType("application/json")
                .body(
                        """
                        {"apiVersion": "networking.OpenKCM.dev/v1alpha1",
                         "kind": "LoadBalancer", "metadata": {"labels": {"team": "web"}},
                         "spec": %s}
                        """
                                .formatted(spec))
                .put(url("loadbalancers", name))
                .then();
    }

    @SuppressWarnings("unchecked") // The class of a T is a Class<T>.
    private <T extends SpecificRecord> void publish(
            String topic, @Nullable Integer partition, String key, @Nullable T value) {
        byte[] bytes =
                value == null
                        ? null
                        : serdes.of((Class<T>) value.getClass())
                                .serializer()
                                .serialize(topic, value);
        var _ = producer.send(new ProducerRecord<>(topic, partition, key, bytes));
    }

    private void nic(String network, String name, Map<String, String> labels, String... ips) {
        member(
                network,
                name,
                new NetworkMember(
                        name,
                        "uid-" + name,
                        1L,
                        labels,
                        NetworkInterfaceState.Available,
                        List.of(ips),
                        List.of()));
    }

    private void member(String network, String name, @Nullable NetworkMember member) {
        String owner = namespace + "/" + network;
        publish(
                "openkcm.network-interface.members.v1",
                ByOwner.partition(owner, PARTITIONS),
                owner + "/" + name,
                member);
    }

    private void networkAnswers(String balancer, String uid) {
        publish(
                "openkcm.network-interface.address-answers.v1",
                null,
                namespace + "/" + balancer,
                new AddressAnswer(
                        "LoadBalancer",
                        namespace,
                        balancer,
                        uid,
                        NetworkFact.Available,
                        1L,
                        List.of()));
    }

    private void poolGrants(String balancer, String uid, String ip) {
        publish(
                "openkcm.address-pool.grants.v1",
                ByOwner.partition(namespace + "/" + balancer, PARTITIONS),
                "LoadBalancer/%s/%s/ipv4".formatted(namespace, balancer),
                new PublicAddressGrant(
                        "LoadBalancer",
                        namespace,
                        balancer,
                        uid,
                        "ipv4",
                        "IPv4",
                        ip,
                        "pool",
                        null,
                        null,
                        1L));
    }

    private void eventually(Runnable assertion) {
        await().atMost(SOON).untilAsserted(assertion::run);
    }

    private ValidatableResponse routing(String name) {
        return given().queryParam("fresh", true).get(url("loadbalancerroutings", name)).then();
    }

    @Test
    void thePagesOwnSampleBecomesWhatThePageShows() throws IOException {
        String sample = Files.readString(Path.of("../../deploy/samples/loadbalancer.yaml"));
        String uid =
                given().header("Prefer", "wait=20")
                        .contentType("application/yaml")
                        .body(
                                sample.replace("  name: loadbalancer-sample\n", LABELLED)
                                        .getBytes(StandardCharsets.UTF_8))
                        .put(url("loadbalancers", "loadbalancer-sample"))
                        .then()
                        .statusCode(201)
                        .body("document.status.state", equalTo("Pending"))
                        .extract()
                        .path("document.metadata.uid");
        networkAnswers("loadbalancer-sample", uid);
        poolGrants("loadbalancer-sample", uid, "203.0.113.1");
        nic("network-sample", "my-machine-interface-2", Map.of("app", "web"), "10.0.0.2");
        nic("network-sample", "my-machine-interface-1", Map.of("app", "web"), "10.0.0.1");
        nic("network-sample", "db", Map.of("app", "db"), "10.0.0.3");
        nic("other", "stranger", Map.of("app", "web"), "10.0.0.1");

        eventually(() ->
                given().get(url("loadbalancers", "loadbalancer-sample"))
                        .then()
                        .body("status.state", equalTo("Available"))
                        .body("status.ips", contains("203.0.113.1")));
        eventually(() ->
                routing("loadbalancer-sample")
                        .statusCode(200)
                        .body("kind", equalTo("LoadBalancerRouting"))
                        .body("metadata.name", equalTo("loadbalancer-sample"))
                        .body("networkRef.name", equalTo("network-sample"))
                        .body(
                                "destinations.name",
                                contains("my-machine-interface-1", "my-machine-interface-2"))
                        .body(
                                "destinations.uid",
                                contains(
                                        "uid-my-machine-interface-1", "uid-my-machine-interface-2"))
                        .body("destinations.ip", contains("10.0.0.1", "10.0.0.2")));

        explains("db", "Label", "app in (web): the interface has app=db");
        explains("stranger", "Network", "the interface is in Network other");
        explains("nobody", "Exists", "does not exist");
        given().queryParam("interface", "my-machine-interface-1")
                .get(url("loadbalancerroutings", "loadbalancer-sample") + "/explain")
                .then()
                .body("destination", equalTo(true))
                .body("verdict", equalTo("Destination"))
                .body("findings.met", not(hasItem(false)));
        given().get(url("loadbalancerroutings", "loadbalancer-sample") + "/explain")
                .then()
                .body("absent.interface", contains(namespace + "/db"))
                .body("more", equalTo(0));

        given().get(API + "/namespaces/" + namespace + "/loadbalancerroutings")
                .then()
                .body("kind", equalTo("LoadBalancerRoutingList"))
                .body("items.metadata.name", contains("loadbalancer-sample"));
        given().queryParam("labelSelector", "team!=web")
                .get(API + "/namespaces/" + namespace + "/loadbalancerroutings")
                .then()
                .body("items", empty());

        given().header("Prefer", "wait=20")
                .delete(url("loadbalancers", "loadbalancer-sample"))
                .then()
                .statusCode(200);
        eventually(() -> routing("loadbalancer-sample").statusCode(404));
    }

    private void explains(String nic, String check, String message) {
        eventually(() ->
                given().queryParam("interface", nic)
                        .get(url("loadbalancerroutings", "loadbalancer-sample") + "/explain")
                        .then()
                        .body("destination", equalTo(false))
                        .body("findings.find { !it.met }.check", equalTo(check))
                        .body("findings.find { !it.met }.message", containsString(message)));
    }

    @Test
    void aRoutingCannotBeCommanded() {
        given().contentType("application/json")
                .body("{}")
                .put(url("loadbalancerroutings", "any"))
                .then()
                .statusCode(405)
                .contentType("application/problem+json")
                .body("detail", containsString("computed"));
        given().delete(url("loadbalancerroutings", "any")).then().statusCode(405);
        given().get(url("loadbalancerroutings", "none")).then().statusCode(404);
    }

    @Test
    void aRoutingIsWatchedByItsRowsAlone() {
        for (String path :
                List.of(
                        url("loadbalancerroutings", "any"),
                        API + "/namespaces/" + namespace + "/loadbalancerroutings",
                        API + "/loadbalancerroutings")) {
            given().queryParam("watch", true)
                    .get(path)
                    .then()
                    .statusCode(405)
                    .contentType("application/problem+json")
                    .body("detail", containsString("openkcm.load-balancer.routing.v1"));
        }
    }

    @Test
    void everyCauseIsToldWithItsPath() {
        put(
                        "bad",
                        """
                        {"type": "Public", "ipFamilies": ["IPv4"], "networkRef": {"name": "n"},
                         "ports": [{"port": 0}, {"port": 80}, {"port": 70, "endPort": 90}]}
                        """)
                .statusCode(422)
                .body("causes.field", contains("spec.ports[0].port", "spec.ports[2]"));
    }

    /** The incremental result is what a computation from nothing gives. */
    @Test
    void theRoutingOfARandomHistoryIsRight() {
        var random = new Random(42);
        var selectors = new TreeMap<String, String>();
        var labels = new TreeMap<String, Map<String, String>>();
        for (int step = 0; step < 400; step++) {
            String nic = "nic-" + random.nextInt(30);
            if (step % 8 == 0 && step < 200) {
                String name = "lb-" + random.nextInt(6);
                String value = "v" + random.nextInt(3);
                put(name, SAMPLE.replace("web", value));
                selectors.put(name, value);
            }
            if (random.nextInt(5) == 0) {
                member("network-sample", nic, null);
                labels.remove(nic);
            } else {
                var given = new HashMap<>(Map.of("app", "v" + random.nextInt(3)));
                nic("network-sample", nic, given, "10.0.0." + (1 + random.nextInt(200)));
                labels.put(nic, given);
            }
        }
        producer.flush();
        selectors.forEach((name, value) -> {
            var expected = new TreeSet<String>();
            labels.forEach((nic, given) -> {
                if (value.equals(given.get("app"))) {
                    expected.add(nic);
                }
            });
            eventually(() ->
                    assertThat(routing(name).extract().<List<String>>path("destinations.name"))
                            .containsExactlyElementsOf(expected));
        });
    }
}
