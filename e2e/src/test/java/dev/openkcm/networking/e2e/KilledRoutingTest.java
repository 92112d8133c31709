package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interfaces and balancers come, change, go and come again, balancers in another Network, too,
 * while the services that own them are killed, one of them losing its disk; in the end every
 * routing is what the last commands say.
 */
class KilledRoutingTest {

    private static final String API = "/apis/networking.openkcm.dev/v1alpha1/";
    private static final String ROUTINGS = API + "loadbalancerroutings?fresh=true";
    private static final String BALANCER = API + "namespaces/default/loadbalancers/%s";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int COMMANDS = 1_200;
    private static final int NICS = 60;
    private static final int BALANCERS = 12;
    private static final List<String> SELECTORS =
            List.of(
                    "{'matchLabels': {'app': 'v0'}}",
                    "{'matchLabels': {'app': 'v1'}}",
                    "{'matchExpressions': [{'key': 'app', 'operator': 'NotIn', 'values': ['v1']}]}",
                    "{'matchExpressions': [{'key': 'app', 'operator': 'In',"
                            + " 'values': ['v1', 'v2']}]}");

    /** What each of the selectors matches. */
    private static final List<Set<String>> MATCHED =
            List.of(Set.of("v0"), Set.of("v1"), Set.of("v0", "v2"), Set.of("v1", "v2"));

    /** What was last asked of a balancer. */
    private record Wanted(String network, int selector) {}

    /** What was last asked of an interface. */
    private record Labelled(String network, String app) {}

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Map<String, Wanted> balancers = new TreeMap<>();

    private final Map<String, Labelled> interfaces = new TreeMap<>();

    @Test
    void everyRoutingIsRightInTheEnd() throws IOException, InterruptedException {
        var ports = Ports.free(3);
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var registry = EmbeddedRegistry.start(folder.resolve("registry"));
                var networks = service("services/network", ports.get(0), kafka, registry);
                var nics = service("services/interface", ports.get(1), kafka, registry);
                var balancing = service("services/loadbalancer", ports.get(2), kafka, registry)) {
            for (var service : List.of(networks, nics, balancing)) {
                service.start();
                service.awaitReady(PATIENCE);
            }
            var load = Thread.ofPlatform().start(() -> send(kafka.bootstrapServers()));
            Thread.sleep(Duration.ofSeconds(2));
            balancing.kill();
            nics.kill();
            nics.start();
            balancing.start();
            balancing.awaitReady(PATIENCE);
            balancing.kill();
            delete(folder.resolve("state-" + ports.get(2)));
            balancing.start();
            load.join();
            balancing.awaitReady(PATIENCE);
            try (var producer = producer(kafka.bootstrapServers())) {
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(500))
                        .untilAsserted(() -> {
                            assertThat(settled(balancing, producer)).isTrue();
                            assertThat(routings(balancing.get(ROUTINGS))).isEqualTo(expected());
                        });
            }
        }
    }

    private ServiceProcess service(
            String module, int port, EmbeddedKafka kafka, EmbeddedRegistry registry) {
        return new ServiceProcess(module, port, folder, kafka.bootstrapServers(), registry.url());
    }

    private static void delete(Path state) throws IOException {
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void send(String bootstrapServers) {
        var random = new Random(11);
        try (var producer = producer(bootstrapServers)) {
            for (String network : List.of("net0", "net1")) {
                send(producer, "network", network, manifest("Network", "", "{}"));
            }
            for (int i = 0; i < COMMANDS; i++) {
                boolean nic = random.nextInt(4) > 0;
                boolean delete = random.nextInt(6) == 0;
                if (nic) {
                    int number = random.nextInt(NICS);
                    var wanted = new Labelled("net" + number % 2, "v" + random.nextInt(3));
                    send(
                            producer,
                            "network-interface",
                            "nic" + number,
                            delete
                                    ? null
                                    : manifest(
                                            "NetworkInterface",
                                            "\"app\": \"%s\"".formatted(wanted.app),
                                            """
                                            {"networkRef": {"name": "%s"},
                                             "ips": [{"value": "10.0.0.%d"}]}
                                            """
                                                    .formatted(wanted.network, number + 1)));
                    note(interfaces, "nic" + number, delete ? null : wanted);
                } else {
                    String name = "lb" + random.nextInt(BALANCERS);
                    String network = "net" + random.nextInt(2);
                    var known = balancers.get(name);
                    var wanted =
                            new Wanted(
                                    known == null ? network : known.network,
                                    random.nextInt(SELECTORS.size()));
                    note(balancers, name, delete ? null : wanted);
                    balancer(producer, name);
                }
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
        }
    }

    private static <T> void note(Map<String, T> last, String name, @Nullable T wanted) {
        if (wanted == null) {
            last.remove(name);
        } else {
            last.put(name, wanted);
        }
    }

    /** Asks for a balancer as it is wanted, or for its deletion. */
    private void balancer(KafkaProducer<String, byte[]> producer, String name) {
        var wanted = balancers.get(name);
        send(
                producer,
                "load-balancer",
                name,
                wanted == null
                        ? null
                        : manifest(
                                "LoadBalancer",
                                "",
                                """
                                {"type": "Internal", "networkRef": {"name": "%s"},
                                 "ips": [{"value": "10.0.1.%d"}],
                                 "networkInterfaceSelector": %s, "ports": [{"port": 80}]}
                                """
                                        .formatted(
                                                wanted.network,
                                                1 + Integer.parseInt(name.substring(2)),
                                                SELECTORS
                                                        .get(wanted.selector)
                                                        .replace('\'', '"'))));
    }

    /**
     * Whether all balancers are as they are wanted. What was refused is asked for again, as anyone
     * does who wants a state and no sequence: a name is taken until its routing is gone, and the
     * Network of a balancer is for its life.
     */
    private boolean settled(ServiceProcess balancing, KafkaProducer<String, byte[]> producer)
            throws JsonProcessingException {
        boolean settled = true;
        for (int i = 0; i < BALANCERS; i++) {
            String name = "lb" + i;
            var wanted = balancers.get(name);
            String answer = balancing.get(BALANCER.formatted(name));
            if (answer.startsWith("404 ")) {
                if (wanted != null) {
                    balancer(producer, name);
                    settled = false;
                }
                continue;
            }
            assertThat(answer).startsWith("200 ");
            JsonNode found = new ObjectMapper().readTree(answer.substring(4));
            if (found.at("/metadata").has("deletionTimestamp")) {
                settled = false;
            } else if (wanted == null
                    || !found.at("/spec/networkRef/name").asText().equals(wanted.network)) {
                send(producer, "load-balancer", name, null);
                settled = false;
            } else if (!found.at("/spec/networkInterfaceSelector").equals(selector(wanted))) {
                balancer(producer, name);
                settled = false;
            }
        }
        return settled;
    }

    private static JsonNode selector(Wanted wanted) throws JsonProcessingException {
        return new ObjectMapper().readTree(SELECTORS.get(wanted.selector).replace('\'', '"'));
    }

    private static KafkaProducer<String, byte[]> producer(String bootstrapServers) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "1");
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    private static void send(
            KafkaProducer<String, byte[]> producer,
            String entity,
            String name,
            @Nullable String json) {
        var _ =
                producer.send(
                        new ProducerRecord<>(
                                "openkcm.%s.commands.v1".formatted(entity),
                                "default/" + name,
                                json == null ? null : json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String manifest(String kind, String labels, String spec) {
        return """
        {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "%s",
         "metadata": {"labels": {%s}}, "spec": %s}
        """
                .formatted(kind, labels, spec);
    }

    private Map<String, List<String>> expected() {
        var expected = new TreeMap<String, List<String>>();
        balancers.forEach((balancer, wanted) ->
                expected.put(
                        balancer,
                        interfaces.entrySet().stream()
                                .filter(nic ->
                                        nic.getValue().network.equals(wanted.network)
                                                && MATCHED.get(wanted.selector)
                                                        .contains(nic.getValue().app))
                                .map(nic ->
                                        nic.getKey()
                                                + "=10.0.0."
                                                + (Integer.parseInt(nic.getKey().substring(3)) + 1))
                                .toList()));
        return expected;
    }

    private static Map<String, List<String>> routings(String answer)
            throws JsonProcessingException {
        assertThat(answer).startsWith("200 ");
        var found = new TreeMap<String, List<String>>();
        for (JsonNode routing : new ObjectMapper().readTree(answer.substring(4)).path("items")) {
            var destinations = new java.util.ArrayList<String>();
            for (JsonNode destination : routing.path("destinations")) {
                destinations.add(
                        destination.path("name").asText() + "=" + destination.path("ip").asText());
            }
            found.put(routing.at("/metadata/name").asText(), destinations);
        }
        return found;
    }
}
