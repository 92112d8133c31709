package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * VirtualIPs, gateways and interfaces come and go, gateways and interfaces also from one Network to
 * another, while the writer of public addresses and of ports is killed. {@code kcm verify} judges:
 * it replays the events from the first one. In the end nobody has ports, and the pool is whole
 * again.
 */
class KilledAllocationTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int COMMANDS = 1_200;
    private static final int KILLS = 3;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();

    @Test
    void noAddressAndNoPortIsGivenTwice() throws IOException, InterruptedException {
        var ports = Ports.free(3).iterator();
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var registry = EmbeddedRegistry.start(folder.resolve("registry"))) {
            for (String module :
                    List.of("services/network", "services/interface", "services/vip-nat")) {
                services.put(
                        module,
                        new ServiceProcess(
                                module,
                                ports.next(),
                                folder,
                                kafka.bootstrapServers(),
                                registry.url()));
            }
            try {
                judge(kafka.bootstrapServers(), registry.url());
            } finally {
                services.values().forEach(ServiceProcess::close);
            }
        }
    }

    private void judge(String bootstrapServers, String registry)
            throws IOException, InterruptedException {
        services.values().forEach(ServiceProcess::start);
        var allocator = services.get("services/vip-nat");
        for (var service : services.values()) {
            service.awaitReady(PATIENCE);
        }
        var topics = new Topics(bootstrapServers);
        var load = Thread.ofPlatform().start(() -> send(bootstrapServers));
        for (int kill = 1; kill <= KILLS; kill++) {
            int before = topics.headers("openkcm.virtual-ip.results.v1").size();
            await().atMost(PATIENCE)
                    .until(() ->
                            topics.headers("openkcm.virtual-ip.results.v1").size() > before
                                    || !load.isAlive());
            allocator.kill();
            allocator.start();
            allocator.awaitReady(PATIENCE);
        }
        load.join();

        assertThat(agrees(bootstrapServers, registry))
                .contains(
                        "state of VirtualIP = fold of its events",
                        "state of NATGateway = fold of its events",
                        "public addresses: one holder",
                        "port ranges disjoint",
                        "ports = fold of their events");
        deleteEverything(bootstrapServers);
        await().atMost(PATIENCE)
                .until(() ->
                        allocator
                                .get("/apis/networking.openkcm.dev/v1alpha1/addresspools/few")
                                .contains("\"allocated\":0,"));
        assertThat(topics.keys("openkcm.nat-gateway.ports.v1")).isEmpty();
        assertThat(topics.keys("openkcm.nat-gateway.state.v1")).isEmpty();
        assertThat(topics.keys("openkcm.address-pool.grants.v1")).isEmpty();
        assertThat(agrees(bootstrapServers, registry)).contains("ports = fold of their events");
    }

    private String agrees(String bootstrapServers, String registry) throws IOException {
        var outcome =
                Programs.kcm(
                        folder,
                        services,
                        Map.of(
                                "KAFKA_BOOTSTRAP_SERVERS",
                                bootstrapServers,
                                "SCHEMA_REGISTRY_URL",
                                registry),
                        "verify");
        assertThat(outcome.code()).as(outcome.output()).isZero();
        return outcome.output();
    }

    /**
     * Addresses that are given up rest, so that there are enough at first and too few at last. One
     * gateway is there before all others and stays.
     */
    private static void send(String bootstrapServers) {
        var random = new Random(5);
        try (var producer = producer(bootstrapServers)) {
            send(producer, "network", "load/net0", manifest("Network", "{}"));
            send(producer, "network", "load/net1", manifest("Network", "{}"));
            send(
                    producer,
                    "address-pool",
                    "few",
                    manifest(
                            "AddressPool",
                            "{\"ipFamily\": \"IPv4\", \"cidrs\": [\"192.0.2.0/26\"]}"));
            send(producer, "network", "load/net2", manifest("Network", "{}"));
            send(
                    producer,
                    "nat-gateway",
                    "load/kept",
                    manifest(
                            "NATGateway",
                            """
                            {"type": "Public", "ipFamily": "IPv4", "networkRef": {"name": "net2"}}
                            """));
            send(
                    producer,
                    "network-interface",
                    "load/kept",
                    manifest(
                            "NetworkInterface",
                            """
                            {"networkRef": {"name": "net2"}, "ips": [{"value": "10.0.0.1"}]}
                            """));
            for (int i = 0; i < COMMANDS; i++) {
                boolean gone = random.nextInt(4) == 0;
                switch (random.nextInt(3)) {
                    case 0 -> {
                        int number = random.nextInt(12);
                        send(
                                producer,
                                "virtual-ip",
                                "load/vip" + number,
                                gone
                                        ? null
                                        : manifest(
                                                "VirtualIP",
                                                "{\"type\": \"Public\", \"ipFamily\": \"IPv4\"}"));
                    }
                    case 1 -> {
                        int number = random.nextInt(20);
                        String virtualIp =
                                random.nextBoolean()
                                        ? ", \"virtualIP\": {\"virtualIPRef\": {\"name\": \"vip%d\"}}"
                                                .formatted(random.nextInt(12))
                                        : "";
                        send(
                                producer,
                                "network-interface",
                                "load/nic" + number,
                                gone
                                        ? null
                                        : manifest(
                                                "NetworkInterface",
                                                """
                                                {"networkRef": {"name": "net%d"},
                                                 "ips": [{"value": "10.0.0.%d"}]%s}
                                                """
                                                        .formatted(
                                                                random.nextInt(2),
                                                                number + 1,
                                                                virtualIp)));
                    }
                    default ->
                            send(
                                    producer,
                                    "nat-gateway",
                                    "load/nat" + random.nextInt(2),
                                    gone
                                            ? null
                                            : manifest(
                                                    "NATGateway",
                                                    """
                                                    {"type": "Public", "ipFamily": "IPv4",
                                                     "networkRef": {"name": "net%d"},
                                                     "portsPerNetworkInterface": %d,
                                                     "maxPublicIPs": 2}
                                                    """
                                                            .formatted(
                                                                    random.nextInt(2),
                                                                    random.nextBoolean()
                                                                            ? 8192
                                                                            : 16384)));
                }
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
        }
    }

    private static void deleteEverything(String bootstrapServers) {
        try (var producer = producer(bootstrapServers)) {
            for (int i = 0; i < 20; i++) {
                send(producer, "network-interface", "load/nic" + i, null);
                send(producer, "virtual-ip", "load/vip" + i, null);
            }
            send(producer, "nat-gateway", "load/nat0", null);
            send(producer, "nat-gateway", "load/nat1", null);
            send(producer, "nat-gateway", "load/kept", null);
            send(producer, "network-interface", "load/kept", null);
        }
    }

    private static KafkaProducer<String, byte[]> producer(String bootstrapServers) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "1");
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    private static String manifest(String kind, String spec) {
        return "{\"apiVersion\": \"networking.OpenKCM.dev/v1alpha1\", \"kind\": \"%s\", \"spec\": %s}"
                .formatted(kind, spec);
    }

    private static void send(
            KafkaProducer<String, byte[]> producer,
            String entity,
            String key,
            @Nullable String manifest) {
        byte[] value = manifest == null ? null : manifest.getBytes(StandardCharsets.UTF_8);
        var _ =
                producer.send(
                        new ProducerRecord<>(
                                "openkcm.%s.commands.v1".formatted(entity), key, value));
    }
}
