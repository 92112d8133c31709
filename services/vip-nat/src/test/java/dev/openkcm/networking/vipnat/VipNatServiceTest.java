package dev.openkcm.networking.vipnat;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;

import dev.openkcm.networking.kernel.registry.AvroSerdes;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.kernel.test.RealStack;
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
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service on a real broker and a real registry; its neighbours are played by records. */
@QuarkusTest
@QuarkusTestResource(RealStack.class)
class VipNatServiceTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @ConfigProperty(name = "schema.registry.url")
    String registryUrl;

    private String namespace;

    @BeforeEach
    void ready() {
        namespace = "ns-" + UUID.randomUUID().toString().substring(0, 8);
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
        put(
                "AddressPool",
                API + "/addresspools/public-ipv4",
                "{\"ipFamily\": \"IPv4\", \"cidrs\": [\"203.0.113.0/24\"]}");
    }

    private String url(String plural, String name) {
        return "%s/namespaces/%s/%s/%s".formatted(API, namespace, plural, name);
    }

    private ValidatableResponse put(String kind, String url, String spec) {
        return given().header("Prefer", "wait=20")
                .contentType("application/json")
                .body(
                        """
                        {"apiVersion": "networking.OpenKCM.dev/v1alpha1",
                         "kind": "%s", "spec": %s}
                        """
                                .formatted(kind, spec))
                .put(url)
                .then();
    }

    private void vip(String name) {
        put("VirtualIP", url("virtualips", name), "{\"type\": \"Public\", \"ipFamily\": \"IPv4\"}")
                .statusCode(201);
    }

    private void eventually(String url, Consumer<ValidatableResponse> expected) {
        await().atMost(SOON).untilAsserted(() -> expected.accept(given().get(url).then()));
    }

    private <T extends SpecificRecord> void publish(
            String topic, String name, Class<T> type, T value) {
        var registry =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(Map.of(SchemaRegistryConfig.URL, registryUrl)));
        byte[] bytes =
                value == null
                        ? null
                        : new AvroSerdes(registry).of(type).serializer().serialize(topic, value);
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            var _ = producer.send(new ProducerRecord<>(topic, namespace + "/" + name, bytes));
        }
    }

    private ObjectMeta meta(String name) {
        return new ObjectMeta(
                namespace, name, "uid-" + name, 1L, 1L, Instant.EPOCH, null, Map.of(), Map.of());
    }

    private void network(String name) {
        publish(
                "openkcm.network.state.v1",
                name,
                Network.class,
                new Network(
                        meta(name),
                        new NetworkSpec(List.of(), List.of(), null),
                        new NetworkStatus(
                                NetworkState.Available, List.of(), List.of(), List.of())));
    }

    private void nic(String name, String ip, String virtualIp) {
        publish(
                "openkcm.network-interface.state.v1",
                name,
                NetworkInterface.class,
                new NetworkInterface(
                        meta(name),
                        NetworkInterfaceSpec.newBuilder()
                                .setNetworkRef(new LocalReference("net"))
                                .setIpFamilies(List.of("IPv4"))
                                .setVirtualIP(
                                        virtualIp == null
                                                ? null
                                                : new VirtualIPSource(
                                                        new LocalReference(virtualIp)))
                                .build(),
                        NetworkInterfaceStatus.newBuilder()
                                .setState(NetworkInterfaceState.Available)
                                .setLastStateTransitionTime(Instant.EPOCH)
                                .setIps(List.of(ip))
                                .build()));
    }

    @Test
    void thePagesVirtualIpGetsAnAddressAndATarget() {
        vip("virtualip-sample");
        String vip = url("virtualips", "virtualip-sample");
        eventually(
                vip,
                it ->
                        it.body("status.state", equalTo("Available"))
                                .body("status.ip", matchesPattern("203\\.0\\.113\\.\\d+")));
        nic("networkinterface-sample", "10.0.0.1", "virtualip-sample");
        nic("late", "10.0.0.2", "virtualip-sample");
        eventually(
                vip,
                it ->
                        it.body("status.targetRef.name", equalTo("networkinterface-sample"))
                                .body("status.waiting[0].name", equalTo("late"))
                                .body("status.waiting[0].reason", equalTo("VirtualIPInUse")));
        publish(
                "openkcm.network-interface.state.v1",
                "networkinterface-sample",
                NetworkInterface.class,
                null);
        eventually(vip, it -> it.body("status.targetRef.name", equalTo("late")));
    }

    @Test
    void thePagesNatGatewayServesTheInterfacesOfItsNetwork() {
        network("net");
        nic("a", "10.0.0.1", null);
        put(
                        "NATGateway",
                        url("natgateways", "natgateway-sample"),
                        """
                        {"type": "public", "ipFamily": "IPv4", "portsPerNetworkInterface": 64,
                         "networkRef": {"name": "net"}}
                        """)
                .statusCode(201)
                .body("document.spec.type", equalTo("Public"))
                .body("document.status.slots", equalTo(1008));
        nic("b", "10.0.0.2", null);
        eventually(
                url("natgateways", "natgateway-sample"),
                it ->
                        it.body("status.state", equalTo("Available"))
                                .body("status.used", equalTo(2))
                                .body("status.requested", equalTo(2))
                                .body("status.ips[0].name", equalTo("ip1"))
                                .body("status.ips[0].ip", notNullValue()));
        String ip =
                given().get(url("natgateways", "natgateway-sample"))
                        .then()
                        .extract()
                        .path("status.ips[0].ip");
        String owner = API + "/natgateways/owner?ip=" + ip;
        eventually(
                owner + "&port=1100",
                it ->
                        it.statusCode(200)
                                .body("owners.name", equalTo(List.of("b")))
                                .body("owners[0].namespace", equalTo(namespace))
                                .body("owners[0].natGateway", equalTo("natgateway-sample"))
                                .body("owners[0].ip", equalTo("10.0.0.2"))
                                .body("owners[0].port", equalTo(1088)));
        given().get(owner + "&port=1100&asOf=2020-01-01T00:00:00Z")
                .then()
                .statusCode(200)
                .body("owners", equalTo(List.of()));
        given().get(owner + "&port=x").then().statusCode(400);
    }

    @Test
    void everyCauseIsToldWithItsPath() {
        put(
                        "NATGateway",
                        url("natgateways", "bad"),
                        "{\"type\": \"Private\", \"ipFamily\": \"ipv4\","
                                + " \"portsPerNetworkInterface\": 65, \"minPublicIPs\": 5,"
                                + " \"maxPublicIPs\": 2}")
                .statusCode(422)
                .body(
                        "causes.field",
                        equalTo(
                                List.of(
                                        "spec.type",
                                        "spec.ipFamily",
                                        "spec.networkRef",
                                        "spec.portsPerNetworkInterface",
                                        "spec.minPublicIPs")));
        put(
                        "AddressPool",
                        API + "/addresspools/bad",
                        "{\"ipFamily\": \"IPv4\", \"cidrs\": [\"::/64\"]}")
                .statusCode(422)
                .body("causes.field", hasItem("spec.cidrs[0]"));
    }

    @Test
    void manyVirtualIpsGetAddressesOfTheirOwn() {
        var names = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            names.add("many-" + i);
        }
        names.forEach(this::vip);
        await().atMost(SOON)
                .untilAsserted(() -> {
                    List<String> ips =
                            given().get("%s/namespaces/%s/virtualips".formatted(API, namespace))
                                    .then()
                                    .extract()
                                    .jsonPath()
                                    .getList("items.status.ip");
                    assertThat(ips).hasSize(20).doesNotContainNull().doesNotHaveDuplicates();
                });
        names.forEach(name ->
                given().header("Prefer", "wait=20")
                        .delete(url("virtualips", name))
                        .then()
                        .statusCode(200));
        eventually(
                API + "/addresspools/public-ipv4",
                it ->
                        it.body("status.total", equalTo(256))
                                .body("status.state", equalTo("Available")));
    }
}
