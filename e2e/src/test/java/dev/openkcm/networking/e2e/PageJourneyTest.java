package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/**
 * The sample manifests of the user's page, published in the three ways there are, end as the
 * documents that the page shows ({@code src/test/resources/page}), field by field.
 */
class PageJourneyTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROVIDER =
            "OpenKCM-net://OpenKCM-net-system/[0-9a-f-]{36}/[0-9]{3,8}/[0-9a-f-]{36}";

    /** Which address of the pool it is differs from one run to the next. */
    private static final String POOL = "203.0.113.";

    /** A kind of the page: where it is served and where commands go. */
    private record Sample(String file, String module, String plural, String entity) {}

    private static final List<Sample> SAMPLES =
            List.of(
                    new Sample("network", "services/network", "networks", "network"),
                    new Sample(
                            "networkinterface",
                            "services/interface",
                            "networkinterfaces",
                            "network-interface"),
                    new Sample("virtualip", "services/vip-nat", "virtualips", "virtual-ip"),
                    new Sample("natgateway", "services/vip-nat", "natgateways", "nat-gateway"),
                    new Sample(
                            "loadbalancer",
                            "services/loadbalancer",
                            "loadbalancers",
                            "load-balancer"),
                    new Sample(
                            "networkpolicy",
                            "services/policy",
                            "networkpolicies",
                            "network-policy"));

    @TempDir private static Path folder;

    private static EmbeddedKafka kafka;
    private static EmbeddedRegistry registry;
    private static final Map<String, ServiceProcess> SERVICES = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws IOException {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        registry = EmbeddedRegistry.start(folder.resolve("registry"));
        for (var sample : SAMPLES) {
            SERVICES.computeIfAbsent(
                    sample.module(),
                    module ->
                            new ServiceProcess(
                                    module,
                                    Ports.free(1).getFirst(),
                                    folder,
                                    kafka.bootstrapServers(),
                                    registry.url()));
        }
        SERVICES.values().forEach(ServiceProcess::start);
        for (var service : SERVICES.values()) {
            service.awaitReady(Duration.ofMinutes(2));
        }
        createPools();
    }

    @AfterAll
    static void stop() {
        SERVICES.values().forEach(ServiceProcess::close);
        registry.close();
        kafka.close();
    }

    private static Path manifest(Sample sample) {
        return Programs.ROOT.resolve("deploy/samples/" + sample.file() + ".yaml");
    }

    private static List<JsonNode> manifests(Sample sample, String namespace) throws IOException {
        var manifests = new ArrayList<JsonNode>();
        for (Object document : new Yaml().loadAll(Files.readString(manifest(sample)))) {
            ObjectNode json = JSON.valueToTree(document);
            ((ObjectNode) json.get("metadata")).put("namespace", namespace);
            manifests.add(json);
        }
        return manifests;
    }

    /** Public addresses, as the operator of a local platform gives them. */
    private static void createPools() throws IOException {
        var outcome = kcm("apply", "-f", Programs.ROOT.resolve("deploy/pools.yaml").toString());
        assertThat(outcome.code()).as(outcome.output()).isZero();
    }

    private static Programs.Outcome kcm(String... arguments) throws IOException {
        return Programs.kcm(folder, SERVICES, Map.of(), arguments);
    }

    @Test
    void asYamlThroughTheCommandLine() throws IOException {
        for (var sample : SAMPLES) {
            var outcome = kcm("apply", "-n", "by-yaml", "-f", manifest(sample).toString());

            assertThat(outcome.code()).as(outcome.output()).isZero();
            assertThat(outcome.output()).contains(sample.file() + "/").contains(" created");
        }
        theDocumentsAreThoseOfThePage("by-yaml");
    }

    @Test
    void asJsonThroughKcat() throws IOException {
        assumeThat(Programs.installed("kcat")).as("kcat is installed").isTrue();
        for (var sample : SAMPLES) {
            for (var manifest : manifests(sample, "by-json")) {
                String name = manifest.path("metadata").path("name").asText();
                var outcome =
                        Programs.run(
                                manifest.toString(),
                                "kcat",
                                "-P",
                                "-b",
                                kafka.bootstrapServers(),
                                "-t",
                                "openkcm.%s.commands.v1".formatted(sample.entity()),
                                "-k",
                                "by-json/" + name);
                assertThat(outcome.code()).as(outcome.output()).isZero();
            }
        }
        theDocumentsAreThoseOfThePage("by-json");
    }

    @Test
    void asAvroThroughKafkajs() throws IOException {
        assumeThat(Programs.installed("npm")).as("npm is installed").isTrue();
        var install = Programs.installLibraries();
        assertThat(install.code()).as(install.output()).isZero();
        var all = new ArrayList<JsonNode>();
        for (var sample : SAMPLES) {
            all.addAll(manifests(sample, "by-avro"));
        }

        var outcome =
                Programs.run(
                        JSON.writeValueAsString(all),
                        "timeout",
                        "60",
                        "node",
                        "apply.mjs",
                        kafka.bootstrapServers(),
                        registry.url());

        assertThat(outcome.code()).as(outcome.output()).isZero();
        theDocumentsAreThoseOfThePage("by-avro");
    }

    private static void theDocumentsAreThoseOfThePage(String namespace) throws IOException {
        for (var sample : SAMPLES) {
            for (var expected : page(sample)) {
                String path =
                        "/apis/networking.openkcm.dev/v1alpha1/namespaces/%s/%s/%s"
                                .formatted(
                                        namespace,
                                        sample.plural(),
                                        expected.path("metadata").path("name").asText());
                await().atMost(SOON)
                        .untilAsserted(() -> {
                            String answer = SERVICES.get(sample.module()).get(path);
                            assertThat(answer).startsWith("200 ");
                            var actual = JSON.readTree(answer.substring(4));
                            assertThat(actual.path("metadata").path("namespace").asText())
                                    .isEqualTo(namespace);
                            showsAll("", expected, actual);
                        });
            }
        }
    }

    private static JsonNode page(Sample sample) throws IOException {
        return JSON.readTree(
                Path.of("src/test/resources/page/%s.json".formatted(sample.file())).toFile());
    }

    /** Everything that the page shows is there; what differs from one run to the next by form. */
    private static void showsAll(String path, JsonNode expected, JsonNode actual) {
        if (expected.isObject()) {
            expected.properties()
                    .forEach(field ->
                            showsAll(
                                    path + "." + field.getKey(),
                                    field.getValue(),
                                    actual.path(field.getKey())));
        } else if (expected.isArray()) {
            assertThat(actual).as(path).hasSize(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                showsAll(path + "[" + i + "]", expected.get(i), actual.path(i));
            }
        } else if (path.endsWith(".providerID")) {
            assertThat(actual.asText()).as(path).matches(PROVIDER);
            assertThat(expected.asText()).as(path).matches(PROVIDER);
        } else if (expected.asText().startsWith(POOL)) {
            assertThat(actual.asText()).as(path).startsWith(POOL);
        } else if (path.endsWith("Time")) {
            assertThat(java.time.Instant.parse(actual.asText())).as(path).isNotNull();
        } else {
            assertThat(actual).as(path).isEqualTo(expected);
        }
    }
}
