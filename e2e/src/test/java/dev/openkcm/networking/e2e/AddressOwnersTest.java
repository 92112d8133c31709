package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever has, or had, an address is named by each of two instances of the service that keeps the
 * history, and by {@code kcm who}.
 */
class AddressOwnersTest {

    private static final Duration SOON = Duration.ofMinutes(10);
    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final String NAMESPACED = API + "/namespaces/own/";
    private static final int NICS = 12;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private EmbeddedKafka kafka;
    private EmbeddedRegistry registry;
    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();
    private ServiceProcess second;

    @BeforeEach
    void start() {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        registry = EmbeddedRegistry.start(folder.resolve("registry"));
        for (String module :
                List.of(
                        "services/network",
                        "services/interface",
                        "services/loadbalancer",
                        "services/vip-nat")) {
            services.put(module, process(module, 0));
        }
        second = process("services/vip-nat", 1);
        all().forEach(ServiceProcess::start);
        all().forEach(s -> s.awaitReady(SOON));
    }

    private ServiceProcess process(String module, int ordinal) {
        return new ServiceProcess(
                module,
                Ports.free(1).getFirst(),
                folder,
                kafka.bootstrapServers(),
                registry.url(),
                ordinal);
    }

    private Stream<ServiceProcess> all() {
        return Stream.concat(services.values().stream(), Stream.of(second));
    }

    @AfterEach
    void stop() {
        all().forEach(ServiceProcess::close);
        registry.close();
        kafka.close();
    }

    private Programs.Outcome kcm(String... arguments) throws IOException {
        return Programs.kcm(folder, services, Map.of(), arguments);
    }

    private void apply() throws IOException {
        var manifests = new StringBuilder();
        manifests.append(document("AddressPool", "few", "{ipFamily: IPv4, cidrs: [192.0.2.0/28]}"));
        manifests.append(document("Network", "net", "{}"));
        manifests.append(document("VirtualIP", "vip", "{type: Public, ipFamily: IPv4}"));
        manifests.append(
                document(
                        "NetworkInterface",
                        "with-vip",
                        "{networkRef: {name: net}, ips: [{value: 10.0.0.100}],"
                                + " virtualIP: {virtualIPRef: {name: vip}}}"));
        for (int i = 0; i < NICS; i++) {
            manifests.append(
                    document(
                            "NetworkInterface",
                            "nic" + i,
                            "{networkRef: {name: net}, ips: [{value: 10.0.0.%d}]}".formatted(i)));
        }
        manifests.append(
                document(
                        "NATGateway",
                        "gw",
                        "{type: Public, ipFamily: IPv4, networkRef: {name: net},"
                                + " portsPerNetworkInterface: 16384}"));
        manifests.append(
                document(
                        "LoadBalancer",
                        "front",
                        "{type: Public, ipFamilies: [IPv4], networkRef: {name: net},"
                                + " ports: [{port: 80}]}"));
        manifests.append(
                document(
                        "LoadBalancer",
                        "inside",
                        "{type: Internal, ips: [{value: 10.0.0.200}], networkRef: {name: net},"
                                + " ports: [{port: 80}]}"));
        Path file = folder.resolve("estate.yaml");
        Files.writeString(file, manifests);
        await().atMost(SOON)
                .untilAsserted(() -> {
                    var applied = kcm("apply", "-n", "own", "-f", file.toString());
                    assertThat(applied.code()).as(applied.output()).isZero();
                });
    }

    private static String document(String kind, String name, String spec) {
        return """
        apiVersion: networking.OpenKCM.dev/v1alpha1
        kind: %s
        metadata:
          name: %s
        spec: %s
        ---
        """
                .formatted(kind, name, spec);
    }

    private JsonNode json(ServiceProcess service, String path) {
        String answer = service.get(path);
        try {
            return answer.startsWith("200 ")
                    ? new ObjectMapper().readTree(answer.substring(4))
                    : new ObjectMapper().createObjectNode();
        } catch (IOException e) {
            throw new AssertionError(answer, e);
        }
    }

    private JsonNode settled(String module, String path, Predicate<JsonNode> condition) {
        var service = services.get(module);
        await().atMost(SOON).until(() -> condition.test(json(service, path)));
        return json(service, path);
    }

    /** Each of the two instances names these, and nobody else. */
    private void owners(String question, String... names) {
        for (var instance : List.of(services.get("services/vip-nat"), second)) {
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(
                                            json(instance, API + "/natgateways/owner?" + question)
                                                    .findValuesAsText("name"))
                                    .as(question)
                                    .containsExactlyInAnyOrder(names));
        }
    }

    private void who(int code, String expected, String... arguments) throws IOException {
        var command = Stream.concat(Stream.of("who"), Stream.of(arguments)).toArray(String[]::new);
        var outcome = kcm(command);
        assertThat(outcome.code()).as(outcome.output()).isEqualTo(code);
        assertThat(outcome.output()).containsPattern(expected);
    }

    @Test
    void eachInstanceNamesWhoeverHasOrHadAnAddress() throws IOException {
        Instant before = Instant.now();
        apply();
        JsonNode gateway =
                settled(
                        "services/vip-nat",
                        NAMESPACED + "natgateways/gw",
                        d ->
                                d.at("/status/used").asInt() == NICS
                                        && d.at("/status/unserved").isEmpty());
        String vip =
                settled(
                                "services/vip-nat",
                                NAMESPACED + "virtualips/vip",
                                d -> d.at("/status/targetRef/name").asText().equals("with-vip"))
                        .at("/status/ip")
                        .asText();
        String front =
                settled(
                                "services/loadbalancer",
                                NAMESPACED + "loadbalancers/front",
                                d -> !d.at("/status/ips/0").asText().isEmpty())
                        .at("/status/ips/0")
                        .asText();
        settled(
                "services/loadbalancer",
                NAMESPACED + "loadbalancers/inside",
                d -> d.at("/status/state").asText().equals("Available"));
        assertThat(gateway.at("/status/ips")).hasSizeGreaterThan(3);

        // Interfaces are spread over all partitions, and so are the histories.
        for (int i = 0; i < NICS; i++) {
            JsonNode range =
                    settled(
                                    "services/interface",
                                    NAMESPACED + "networkinterfaces/nic" + i,
                                    d -> !d.at("/status/natIPs").isEmpty())
                            .at("/status/natIPs/0");
            String ip = range.path("ip").asText();
            owners("ip=%s&port=%d".formatted(ip, range.path("port").asInt() + 7), "nic" + i);
            if (i == 0) {
                owners("ip=%s&port=80".formatted(ip), "gw");
                who(
                        0,
                        "NetworkInterface +own +nic0 +\\S* *gw +net +10.0.0.0 ",
                        "--ip",
                        ip,
                        "--port",
                        range.path("port").asText());
                who(0, "NATGateway +own +gw ", "--ip", ip);
                who(1, "Nobody had", "--ip", ip, "--at", before.toString());
            }
            owners("ip=10.0.0.%d&network=own/net".formatted(i), "nic" + i);
        }
        owners("ip=" + vip, "vip", "with-vip");
        owners("ip=" + front, "front");
        owners("ip=10.0.0.200&network=own/net", "inside");
        owners("ip=10.0.0.200");
        who(0, "VirtualIP +own +vip +NetworkInterface/with-vip ", "--ip", vip);
        who(0, "LoadBalancer +own +front ", "--ip", front, "--port", "80");
        who(0, "LoadBalancer +own +inside ", "--ip", "10.0.0.200", "--network", "net", "-n", "own");
        who(0, "NetworkInterface +own +nic3 ", "--ip", "10.0.0.3", "--network", "own/net");

        // What was stays known when it is over.
        Instant then = Instant.now();
        for (String kind : List.of("nat/gw", "vip/vip", "lb/front", "lb/inside", "nic/nic3")) {
            String[] parts = kind.split("/", -1);
            var deleted = kcm("delete", parts[0], parts[1], "-n", "own");
            assertThat(deleted.code()).as(deleted.output()).isZero();
        }
        String first = gateway.at("/status/ips/0/ip").asText();
        owners("ip=" + vip);
        owners("ip=" + front);
        owners("ip=" + first);
        owners("ip=10.0.0.200&network=own/net");
        owners("ip=10.0.0.3&network=own/net");
        String asOf = "&asOf=" + then;
        owners("ip=" + vip + asOf, "vip", "with-vip");
        owners("ip=" + front + asOf, "front");
        owners("ip=%s&port=80".formatted(first) + asOf, "gw");
        owners("ip=10.0.0.200&network=own/net" + asOf, "inside");
        owners("ip=10.0.0.3&network=own/net" + asOf, "nic3");
        who(1, "Nobody had", "--ip", vip);
        who(0, "VirtualIP +own +vip +NetworkInterface/with-vip ", "--ip", vip, "--at", "" + then);

        second.kill();
        second.start();
        second.awaitReady(SOON);
        owners("ip=" + front + asOf, "front");
        owners("ip=10.0.0.3&network=own/net" + asOf, "nic3");
    }
}
