package dev.openkcm.networking.policy;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.oneOf;

import dev.openkcm.networking.kernel.registry.AvroSerdes;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.test.RealStack;
import dev.openkcm.networking.policy.topology.PolicyTopology;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.Assertions;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service on a real broker and a real registry; its neighbours are played by records. */
@QuarkusTest
@QuarkusTestResource(RealStack.class)
class PolicyServiceTest {

    private static final int PARTITIONS = 4;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String SAMPLE =
            """
            apiVersion: networking.OpenKCM.dev/v1alpha1
            kind: NetworkPolicy
            metadata:
              name: my-network-policy
            spec:
              networkRef:
                name: my-network
              networkInterfaceSelector:
                matchLabels:
                  app: db
              policyTypes:
              - Ingress
              - Egress
              ingress:
              - from:
                - ipBlock:
                    cidr: 172.17.0.0/16
                - objectSelector:
                    kind: NetworkInterface
                    matchLabels:
                      app: web
                - objectSelector:
                    kind: LoadBalancer
                    matchLabels:
                      app: web
                ports:
                - protocol: TCP
                  port: 5432
              egress:
              - to:
                - ipBlock:
                    cidr: 10.0.0.0/24
                ports:
                - protocol: TCP
                  port: 8080
            """;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @ConfigProperty(name = "schema.registry.url")
    String registryUrl;

    private String namespace;

    @BeforeEach
    void ready() {
        namespace = "ns-" + UUID.randomUUID().toString().substring(0, 8);
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
        network();
        nic("web", Map.of("app", "web"), "10.0.0.1");
        nic("db", Map.of("app", "db"), "10.0.0.2");
        nic("other", Map.of(), "10.0.0.3");
    }

    private String base() {
        return "/apis/networking.openkcm.dev/v1alpha1/namespaces/" + namespace;
    }

    private String policies(String name) {
        return base() + "/networkpolicies/" + name;
    }

    private String reachability(String rest) {
        return base() + "/networks/my-network/reachability" + rest;
    }

    private ObjectMeta meta(String name, Map<String, String> labels) {
        return new ObjectMeta(
                namespace, name, "uid-" + name, 1L, 1L, Instant.EPOCH, null, labels, Map.of());
    }

    private void network() {
        publish(
                "openkcm.network.state.v1",
                null,
                namespace + "/my-network",
                new Network(
                        meta("my-network", Map.of()),
                        new NetworkSpec(List.of(), List.of(), null),
                        new NetworkStatus(
                                NetworkState.Available, List.of(), List.of(), List.of())));
    }

    /** As the service of interfaces writes it: the state, and the row by Network. */
    private void nic(String name, Map<String, String> labels, String ip) {
        String network = namespace + "/my-network";
        publish(
                PolicyTopology.INTERFACES,
                ByOwner.partition(network, PARTITIONS),
                network + "/" + name,
                new NetworkMember(
                        name,
                        "uid-" + name,
                        1L,
                        labels,
                        NetworkInterfaceState.Available,
                        List.of(ip),
                        List.of()));
        publish(
                "openkcm.network-interface.state.v1",
                null,
                namespace + "/" + name,
                new NetworkInterface(
                        meta(name, labels),
                        new NetworkInterfaceSpec(
                                new LocalReference("my-network"),
                                List.of(),
                                List.of(),
                                List.of(),
                                null,
                                null,
                                null,
                                Map.of(),
                                null),
                        new NetworkInterfaceStatus(
                                NetworkInterfaceState.Available,
                                Instant.EPOCH,
                                List.of(ip),
                                List.of(),
                                null,
                                List.of(),
                                List.of(),
                                List.of())));
    }

    @SuppressWarnings("unchecked") // The class of a T is a Class<T>.
    private <T extends SpecificRecord> void publish(
            String topic, @Nullable Integer partition, String key, T value) {
        var registry =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(Map.of(SchemaRegistryConfig.URL, registryUrl)));
        byte[] bytes =
                new AvroSerdes(registry)
                        .of((Class<T>) value.getClass())
                        .serializer()
                        .serialize(topic, value);
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            var _ = producer.send(new ProducerRecord<>(topic, partition, key, bytes));
        }
    }

    private ValidatableResponse apply(String yaml) {
        return given().header("Prefer", "wait=20")
                .contentType("application/yaml")
                .body(yaml.getBytes(StandardCharsets.UTF_8))
                .put(policies("my-network-policy"))
                .then();
    }

    private void eventually(Consumer<ValidatableResponse> expected) {
        await().atMost(SOON)
                .untilAsserted(
                        () -> expected.accept(given().get(policies("my-network-policy")).then()));
    }

    private ValidatableResponse ask(String query) {
        return given().get(reachability("?fresh=true&" + query)).then().statusCode(200);
    }

    @Test
    void thePagesOwnSampleIsCompiledAndDecides() {
        ask("from=other&to=db&port=5432").body("verdict", equalTo("Allow"));
        // As it is when the answer is written: the compiler may have been as quick.
        apply(SAMPLE).statusCode(201).body("document.status.state", oneOf("Pending", "Available"));
        eventually(it ->
                it.body("status.state", equalTo("Available"))
                        .body("status.interfaces", equalTo(1))
                        .body("status.rules", equalTo(4))
                        .body(
                                "status.conditions.find { it.type == 'SelectsNothing' }.message",
                                containsString("spec.ingress[0].from[2].objectSelector")));
        String created =
                given().get(policies("my-network-policy") + "/events").path("items[0].time");
        given().get(policies("my-network-policy") + "?asOf=" + created)
                .then()
                .statusCode(200)
                .body("status.state", equalTo("Pending"));

        ask("from=web&to=db&protocol=TCP&port=5432")
                .body("verdict", equalTo("Allow"))
                .body("egress.verdict", equalTo("Allow"))
                .body("ingress.decidedBy[0].policy", equalTo("my-network-policy"))
                .body("paths[0].ingress.decidedBy[0].policy", equalTo("my-network-policy"))
                .body("paths[0].ingress.decidedBy[0].ruleIndex", equalTo(0))
                .body("paths[0].ingress.decidedBy[0].peerIndex", equalTo(1));
        ask("from=other&to=db&port=5432")
                .body("verdict", equalTo("Deny"))
                .body("ingress.verdict", equalTo("Deny"))
                .body("ingress.isolatedBy", equalTo(List.of("my-network-policy")))
                .body("paths[0].ingress.reason", equalTo("DefaultDeny"))
                .body("paths[0].ingress.isolatedBy", equalTo(List.of("my-network-policy")))
                .body("explanation", containsString("isolated by NetworkPolicy my-network-policy"));
        ask("from=db&to=10.0.0.77&port=8080").body("verdict", equalTo("Allow"));
        ask("from=db&to=10.0.1.1&port=8080").body("verdict", equalTo("Deny"));

        given().contentType("application/json")
                .body("{\"ports\": [{\"protocol\": \"TCP\", \"port\": 5432}]}")
                .post(reachability("/matrix?fresh=true"))
                .then()
                .statusCode(200)
                .body("from", equalTo(List.of("db", "other", "web")))
                .body("ports[0].rows.combined", equalTo(List.of(".XX", "X..", "...")));
        given().get(base() + "/networkpolicyrules/db?fresh=true&expand=true")
                .then()
                .statusCode(200)
                .body("isolated.ingress", equalTo(true))
                .body("isolated.egress", equalTo(true))
                .body("rules", hasSize(4))
                .body("rules.peer.addresses.flatten().address", hasItem("10.0.0.1"));
        given().get(base() + "/networkpolicyrules/web")
                .then()
                .body("isolated.ingress", equalTo(false))
                .body("rules", hasSize(0));
        given().get(base() + "/networkpolicyrules")
                .then()
                .statusCode(200)
                .body("items.metadata.name", equalTo(List.of("db", "other", "web")))
                .body("items[0].ruleCount", equalTo(4));
        await().atMost(SOON)
                .untilAsserted(() ->
                        Assertions.assertThat(members())
                                .containsExactlyInAnyOrder("db [10.0.0.2]", "web [10.0.0.1]"));

        given().header("Prefer", "wait=20")
                .delete(policies("my-network-policy"))
                .then()
                .statusCode(200);
        ask("from=other&to=db&port=5432").body("verdict", equalTo("Allow"));
        await().atMost(SOON).untilAsserted(() -> Assertions.assertThat(members()).isEmpty());
    }

    /** The groups of the namespace, as anybody reads them. */
    private List<String> members() {
        String topic = "openkcm.network-policy.groups.v1";
        var registry =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(Map.of(SchemaRegistryConfig.URL, registryUrl)));
        var rows = new AvroSerdes(registry).of(GroupMember.class).deserializer();
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
        var table = new TreeMap<String, String>();
        try (var consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = new ArrayList<TopicPartition>();
            consumer.partitionsFor(topic)
                    .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    var row = rows.deserialize(topic, record.value());
                    if (row == null) {
                        table.remove(record.key());
                    } else if (row.getNamespace().equals(namespace)) {
                        table.put(record.key(), row.getName() + " " + row.getAddresses());
                    }
                }
            }
        }
        return List.copyOf(table.values());
    }

    @Test
    void aPreviewSaysWhatOpensAndClosesAndChangesNothing() {
        given().contentType("application/json")
                .body(
                        """
                        {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NetworkPolicy",
                         "metadata": {"name": "p"},
                         "spec": {"networkRef": "my-network",
                                  "networkInterfaceSelector": {"matchLabels": {"app": "db"}},
                                  "ingress": [{"from": [{"objectSelector": {
                                      "kind": "NetworkInterface", "matchLabels": {"app": "web"}}}],
                                    "ports": [{"port": 5432}]}]}}
                        """)
                .post(reachability("/preview?fresh=true"))
                .then()
                .statusCode(200)
                .body("opens", hasSize(0))
                .body("closes.from.flatten().name", hasItem("other"))
                .body("closes.to.flatten().name.unique()", equalTo(List.of("db")));
        given().contentType("application/yaml")
                .body(SAMPLE.getBytes(StandardCharsets.UTF_8))
                .put(policies("my-network-policy") + "?dryRun=All")
                .then()
                .statusCode(200)
                .body("outcome", equalTo("Accepted"))
                .body("reachability.opens", hasSize(0))
                .body("reachability.closes.from.flatten().name", hasItem("other"))
                .body("reachability.closes.to.flatten().name", hasItem("db"));
        given().get(policies("my-network-policy")).then().statusCode(404);
        ask("from=other&to=db&port=5432").body("verdict", equalTo("Allow"));
    }

    @Test
    void everyCauseIsToldWithItsPath() {
        apply(SAMPLE.replace("protocol: TCP\n      port: 5432", "protocol: ICMP"))
                .statusCode(422)
                .body("causes.field", equalTo(List.of("spec.ingress[0].ports[0].protocol")));
        given().get(reachability("?from=web&to=nobody&port=80"))
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("detail", containsString("no NetworkInterface nobody"));
        given().get(reachability("?from=web&to=db&port=x")).then().statusCode(400);
        given().get(base() + "/networks/none/reachability?from=a&to=b&port=1")
                .then()
                .statusCode(404);
    }
}
