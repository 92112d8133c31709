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
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interfaces and balancers come, change and go while the services that own them are killed, one of
 * them losing its disk; in the end every routing is what the last commands say.
 */
class KilledRoutingTest {

    private static final String ROUTINGS =
            "/apis/networking.openkcm.dev/v1alpha1/loadbalancerroutings?fresh=true";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int COMMANDS = 1_200;
    private static final int NICS = 60;
    private static final int BALANCERS = 12;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    /** The last command of each balancer and interface: which network, and which label. */
    private final Map<String, String> balancers = new TreeMap<>();

    private final Map<String, String> interfaces = new TreeMap<>();

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
                await().atMost(PATIENCE).until(service::ready);
            }
            var load = Thread.ofPlatform().start(() -> send(kafka.bootstrapServers()));
            Thread.sleep(Duration.ofSeconds(2));
            balancing.kill();
            nics.kill();
            nics.start();
            balancing.start();
            await().atMost(PATIENCE).until(balancing::ready);
            balancing.kill();
            delete(folder.resolve("state-" + ports.get(2)));
            balancing.start();
            load.join();
            await().atMost(PATIENCE).until(balancing::ready);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(routings(balancing.get(ROUTINGS))).isEqualTo(expected()));
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
        int[] deletions = new int[BALANCERS];
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "1");
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            for (String network : List.of("net0", "net1")) {
                send(producer, "network", network, manifest("Network", "", "{}"));
            }
            for (int i = 0; i < COMMANDS; i++) {
                boolean nic = random.nextInt(4) > 0;
                boolean delete = random.nextInt(6) == 0;
                String value = "v" + random.nextInt(3);
                if (nic) {
                    int number = random.nextInt(NICS);
                    String network = "net" + number % 2;
                    send(
                            producer,
                            "network-interface",
                            "nic" + number,
                            delete
                                    ? null
                                    : manifest(
                                            "NetworkInterface",
                                            "\"app\": \"%s\"".formatted(value),
                                            """
                                            {"networkRef": {"name": "%s"},
                                             "ips": [{"value": "10.0.0.%d"}]}
                                            """
                                                    .formatted(network, number + 1)));
                    note(interfaces, "nic" + number, delete, network + " " + value);
                } else {
                    int number = random.nextInt(BALANCERS);
                    String network = "net" + number % 2;
                    // A name is taken until its routing is gone, so the next one has another.
                    String name = "lb%d-%d".formatted(number, deletions[number]);
                    send(
                            producer,
                            "load-balancer",
                            name,
                            delete
                                    ? null
                                    : manifest(
                                            "LoadBalancer",
                                            "",
                                            """
                                            {"type": "Internal", "networkRef": {"name": "%s"},
                                             "ips": [{"value": "10.0.1.%d"}],
                                             "networkInterfaceSelector":
                                                 {"matchLabels": {"app": "%s"}},
                                             "ports": [{"port": 80}]}
                                            """
                                                    .formatted(network, number + 1, value)));
                    note(balancers, name, delete, network + " " + value);
                    deletions[number] += delete ? 1 : 0;
                }
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
        }
    }

    private static void note(Map<String, String> last, String name, boolean deleted, String what) {
        if (deleted) {
            last.remove(name);
        } else {
            last.put(name, what);
        }
    }

    private static void send(
            KafkaProducer<String, byte[]> producer, String entity, String name, String json) {
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
                                .filter(nic -> nic.getValue().equals(wanted))
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
