package dev.openkcm.networking.network;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;

import dev.openkcm.networking.kernel.streams.TopicAdmin;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.kernel.test.RealStack;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators ask of a service: whether it is sound, and to build its views anew. */
@QuarkusTest
@QuarkusTestResource(RealStack.class)
class NetworkOperatorTest {

    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final String STATES = "openkcm.network.state.v1";

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrapServers;

    @BeforeEach
    void twoNetworks() {
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
        for (String name : new String[] {"one", "two"}) {
            given().contentType("application/json")
                    .header("Prefer", "wait=30")
                    .body(
                            """
                            {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network"}\
                            """)
                    .put(url(name))
                    .then()
                    .statusCode(org.hamcrest.Matchers.oneOf(200, 201));
        }
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> given().get(url("two")).then().statusCode(200));
    }

    private static String url(String name) {
        return API + "/namespaces/operators/networks/" + name;
    }

    @Test
    void aSoundServiceSaysSo() {
        assertSound();
    }

    private static void assertSound() {
        given().get(API + "/verify")
                .then()
                .statusCode(200)
                .body("items[0].kind", equalTo("Network"))
                .body("items[0].events", greaterThanOrEqualTo(4))
                .body("items[0].resources", greaterThanOrEqualTo(2))
                .body("items[0].differences", equalTo(0));
    }

    @Test
    void eventsThatAreGoneAreNotBegunAnew() throws Exception {
        var topic = TopicSpec.keptForEver("openkcm.lost.events.v1");
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            var topics = new TopicAdmin(admin, TopicSpec.DEFAULT_PARTITIONS);
            admin.alterConsumerGroupOffsets(
                            "openkcm.lost.decide",
                            Map.of(new TopicPartition(STATES, 0), new OffsetAndMetadata(1)))
                    .all()
                    .get();
            assertThat(topics.prepare(List.of(topic), Map.of(topic.name(), "openkcm.lost.decide")))
                    .singleElement()
                    .asString()
                    .startsWith("topic openkcm.lost.events.v1 is gone");
            assertThat(admin.listTopics().names().get()).doesNotContain(topic.name());
            assertThat(topics.prepare(List.of(topic), Map.of(topic.name(), "openkcm.new.decide")))
                    .isEmpty();
            assertThat(admin.listTopics().names().get()).contains(topic.name());
        }
    }

    @Test
    void aStateThatNobodyDecidedIsFound() throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers);
        byte[] ghost = "operators/ghost".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(STATES, ghost, someState())).get();
            given().get(API + "/verify")
                    .then()
                    .statusCode(200)
                    .body("items[0].differences", equalTo(1))
                    .body("items[0].first[0].key", equalTo("operators/ghost"));
            producer.send(new ProducerRecord<>(STATES, ghost, null)).get();
        }
        assertSound();
    }

    /** The bytes of any state that was published. */
    private byte[] someState() {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest");
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(
                    java.util.stream.IntStream.range(0, 4)
                            .mapToObj(p -> new TopicPartition(STATES, p))
                            .toList());
            while (true) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() != null) {
                        return record.value();
                    }
                }
            }
        }
    }

    @Test
    void viewsAreBuiltAnewWhileTheOldOnesAnswer() throws Exception {
        int before = given().get(API + "/rebuild").then().extract().path("generation");
        given().post(API + "/rebuild").then().statusCode(202);

        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    given().get(API + "/namespaces/operators/networks")
                            .then()
                            .statusCode(200)
                            .body("items.size()", greaterThanOrEqualTo(2));
                    String phase = given().get(API + "/rebuild").then().extract().path("phase");
                    assertThat(phase).isNotEqualTo("Failed");
                    return phase.equals("Switched");
                });

        given().get(API + "/rebuild")
                .then()
                .body("differences", equalTo(0))
                .body("compared", greaterThanOrEqualTo(6));
        int after = given().get(API + "/rebuild").then().extract().path("generation");
        assertThat(after).isGreaterThan(before);
        given().get(url("one") + "/events").then().body("items.size()", equalTo(2));
        given().get("/q/health/ready").then().statusCode(200);
        given().post(API + "/rebuild?generation=" + after).then().statusCode(409);
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() ->
                        assertThat(topics())
                                .noneMatch(
                                        t -> t.startsWith("openkcm.network.view-network-history")));
    }

    private java.util.Set<String> topics() throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            return admin.listTopics().names().get();
        }
    }
}
