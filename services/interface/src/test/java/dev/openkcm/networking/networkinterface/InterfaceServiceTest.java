package dev.openkcm.networking.networkinterface;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.openkcm.networking.kernel.registry.AvroSerdes;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.kernel.registry.WireFormat;
import dev.openkcm.networking.kernel.test.RealStack;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.EncoderFactory;
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
class InterfaceServiceTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @ConfigProperty(name = "schema.registry.url")
    String registryUrl;

    private String namespace;

    @BeforeEach
    void ready() {
        namespace = "ns-" + UUID.randomUUID().toString().substring(0, 8);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
    }

    private String url(String name) {
        return "/apis/networking.openkcm.dev/v1alpha1/namespaces/%s/networkinterfaces/%s"
                .formatted(namespace, name);
    }

    private ValidatableResponse put(String name, String spec) {
        return given().header("Prefer", "wait=20")
                .contentType("application/json")
                .body(
                        """
                        {"apiVersion": "networking.OpenKCM.dev/v1alpha1",
                         "kind": "NetworkInterface", "spec": %s}
                        """
                                .formatted(spec))
                .put(url(name))
                .then();
    }

    private void eventually(String name, Consumer<ValidatableResponse> expected) {
        await().atMost(SOON).untilAsserted(() -> expected.accept(given().get(url(name)).then()));
    }

    private void publish(String topic, String name, byte[] value) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            var _ = producer.send(new ProducerRecord<>(topic, namespace + "/" + name, value));
        }
    }

    private SchemaRegistryClient registry() {
        return new SchemaRegistryClient(
                SchemaRegistryConfig.of(Map.of(SchemaRegistryConfig.URL, registryUrl)));
    }

    private void network(String name, NetworkState state) {
        var network =
                new Network(
                        new ObjectMeta(
                                namespace,
                                name,
                                "uid-" + name,
                                1L,
                                1L,
                                Instant.EPOCH,
                                null,
                                Map.of(),
                                Map.of()),
                        new NetworkSpec(List.of(), List.of(), null),
                        new NetworkStatus(state, List.of(), List.of(), List.of()));
        String topic = "openkcm.network.state.v1";
        var serde = new AvroSerdes(registry()).of(Network.class);
        publish(topic, name, serde.serializer().serialize(topic, network));
    }

    /** As the service that owns VirtualIPs would write it; only what matters here. */
    private void virtualIp(String name, String ip, String target) throws IOException {
        var reference =
                SchemaBuilder.record("TargetReference")
                        .fields()
                        .requiredString("kind")
                        .requiredString("name")
                        .endRecord();
        var status =
                SchemaBuilder.record("VirtualIPStatus")
                        .fields()
                        .optionalString("ip")
                        .name("targetRef")
                        .type()
                        .optional()
                        .type(reference)
                        .endRecord();
        var schema =
                SchemaBuilder.record("VirtualIP")
                        .fields()
                        .name("status")
                        .type(status)
                        .noDefault()
                        .endRecord();
        var record =
                new GenericRecordBuilder(schema)
                        .set(
                                "status",
                                new GenericRecordBuilder(status)
                                        .set("ip", ip)
                                        .set(
                                                "targetRef",
                                                new GenericRecordBuilder(reference)
                                                        .set("kind", "NetworkInterface")
                                                        .set("name", target)
                                                        .build())
                                        .build())
                        .build();
        String topic = "openkcm.virtual-ip.state.v1";
        int id = registry().idOf(topic + "-value", schema);
        var bytes = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        publish(topic, name, WireFormat.frame(id, bytes.toByteArray()));
    }

    @Test
    void thePagesOwnSampleBecomesWhatThePageShows() throws IOException {
        put(
                        "networkinterface-sample",
                        """
                        {"networkRef": {"name": "network-sample"}, "ipFamilies": ["IPv4"],
                         "ips": [{"value": "10.0.0.1"}],
                         "virtualIP": {"virtualIPRef": {"name": "virtualip-sample"}}}
                        """)
                .statusCode(201)
                .body("document.status.state", equalTo("Pending"));

        network("network-sample", NetworkState.Available);
        virtualIp("virtualip-sample", "172.89.244.23", "networkinterface-sample");

        eventually(
                "networkinterface-sample",
                it ->
                        it.body("status.state", equalTo("Available"))
                                .body("status.ips", equalTo(List.of("10.0.0.1")))
                                .body("status.virtualIP", equalTo("172.89.244.23"))
                                .body("status.lastStateTransitionTime", notNullValue())
                                .body("spec.networkRef.name", equalTo("network-sample")));

        publish("openkcm.virtual-ip.state.v1", "virtualip-sample", null);
        eventually("networkinterface-sample", it -> it.body("status.virtualIP", nullValue()));
    }

    @Test
    void aDuplicateAddressNamesItsHolderAndRecovers() {
        network("net", NetworkState.Available);
        put("first", "{\"networkRef\": \"net\", \"ips\": [{\"value\": \"10.0.0.9\"}]}")
                .statusCode(201);
        eventually("first", it -> it.body("status.state", equalTo("Available")));
        put(
                        "second",
                        "{\"networkRef\": [{\"name\": \"net\"}], \"ips\": [{\"value\": \"10.0.0.9\"}]}")
                .statusCode(201);
        eventually(
                "second",
                it ->
                        it.body("status.state", equalTo("Error"))
                                .body(
                                        "status.conditions.find { it.type == 'AddressesHeld' }.reason",
                                        equalTo("AddressInUse"))
                                .body(
                                        "status.conditions.find { it.type == 'AddressesHeld' }.message",
                                        containsString("NetworkInterface first")));

        given().header("Prefer", "wait=20").delete(url("first")).then().statusCode(200);
        eventually("second", it -> it.body("status.state", equalTo("Available")));
    }

    @Test
    void everyCauseIsToldWithItsPath() {
        put("bad", "{\"ipFamilies\": [\"IPv4\", \"ipv6\"], \"ips\": [{\"value\": \"::1\"}]}")
                .statusCode(422)
                .body(
                        "causes.field",
                        equalTo(
                                List.of(
                                        "spec.networkRef",
                                        "spec.ipFamilies[1]",
                                        "spec.ips[0]",
                                        "spec.ips")));
    }
}
