package dev.openkcm.networking.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import dev.openkcm.networking.deploy.EmbeddedRegistry;
import dev.openkcm.networking.deploy.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network service is killed again and again while commands keep coming. */
class KilledServiceTest {

    private static final String NETWORKS = "/apis/networking.openkcm.dev/v1alpha1/networks";
    private static final Pattern ID = Pattern.compile("OpenKCM-net://[^/]+/[^/]+/([0-9]+)/");
    private static final int KILLS = 4;
    private static final int COMMANDS = 4_000;
    private static final int NAMES = 300;
    private static final int GARBAGE_EVERY = 200;

    /** Of the five sorts of garbage one is JSON of the right form, which is refused, not poison. */
    private static final int POISON = COMMANDS / GARBAGE_EVERY * 4;

    @TempDir private Path folder;

    @Test
    void nothingIsLostAndNothingHappensTwice() throws InterruptedException {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var registry = EmbeddedRegistry.start(folder.resolve("registry"));
                var service =
                        new ServiceProcess(
                                "services/network",
                                Ports.free(1).getFirst(),
                                folder,
                                kafka.bootstrapServers(),
                                registry.url())) {
            service.start();
            service.awaitReady(Duration.ofMinutes(3));
            var load = Thread.ofPlatform().start(() -> send(kafka.bootstrapServers()));
            var topics = new Topics(kafka.bootstrapServers());

            for (int kill = 1; kill <= KILLS; kill++) {
                int answersBefore = topics.headers("openkcm.network.results.v1").size();
                service.kill();
                service.start();
                await().atMost(Duration.ofMinutes(3))
                        .until(() ->
                                topics.headers("openkcm.network.results.v1").size() > answersBefore
                                        || answersBefore >= COMMANDS);
            }
            load.join();

            await().atMost(Duration.ofMinutes(3))
                    .untilAsserted(() ->
                            assertThat(topics.headers("openkcm.network.results.v1"))
                                    .hasSizeGreaterThanOrEqualTo(COMMANDS));
            everyCommandHasOneAnswer(topics);
            everyHistoryIsWithoutGaps(topics);
            assertThat(topics.headers("openkcm.network.dead-letters.v1")).hasSize(POISON);
            service.awaitReady(Duration.ofMinutes(3));
            everyIdIsUnique(service.get(NETWORKS + "?limit=500"));
        }
    }

    private static void everyCommandHasOneAnswer(Topics topics) {
        var answered = new HashSet<String>();
        for (var result : topics.headers("openkcm.network.results.v1")) {
            assertThat(answered.add(result.get("ce_causedby"))).isTrue();
        }
        assertThat(answered).hasSize(COMMANDS);
    }

    private static void everyHistoryIsWithoutGaps(Topics topics) {
        Map<String, Long> last = new HashMap<>();
        for (var event : topics.headers("openkcm.network.events.v1")) {
            String[] id = event.get("ce_id").split("/", -1);
            long sequence = Long.parseLong(id[1]);
            assertThat(sequence).isEqualTo(last.getOrDefault(id[0], 0L) + 1);
            last.put(id[0], sequence);
        }
        assertThat(last).isNotEmpty();
    }

    private static void everyIdIsUnique(String networks) {
        assertThat(networks).startsWith("200 ");
        Set<String> ids = new HashSet<>();
        var matcher = ID.matcher(networks);
        while (matcher.find()) {
            assertThat(ids.add(matcher.group(1))).as("id %s", matcher.group(1)).isTrue();
        }
        assertThat(ids).isNotEmpty();
    }

    /** Mostly sense; now and then what no decoder knows, or what every decoder must refuse. */
    private static byte[] value(int i, Random random) {
        return switch (i % GARBAGE_EVERY) {
            case 0 -> new byte[] {7, 7, 7};
            case 1 -> new byte[] {0, 0, 15, 66, 63, 1, 2, 3};
            case 2 ->
                    "{\"kind\": \"Network\", \"spec\": {\"unknown\": [[["
                            .getBytes(StandardCharsets.UTF_8);
            case 3 ->
                    "{\"kind\": \"Network\", \"spec\": {\"peerings\": 5, \"x\": 1}}"
                            .getBytes(StandardCharsets.UTF_8);
            case 4 -> ("{\"a\": \"" + "a".repeat(900_000) + "\"}").getBytes(StandardCharsets.UTF_8);
            default -> sense(i, random);
        };
    }

    private static byte[] sense(int i, Random random) {
        return random.nextInt(4) == 0
                ? null
                : """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network",
                 "metadata": {"labels": {"step": "%d"}}}
                """
                        .formatted(i)
                        .getBytes(StandardCharsets.UTF_8);
    }

    private static void send(String bootstrapServers) {
        var random = new Random(1);
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "1");
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < COMMANDS; i++) {
                int name = random.nextInt(NAMES);
                byte[] value = value(i, random);
                var record =
                        new ProducerRecord<>(
                                "openkcm.network.commands.v1", "load/n-" + name, value);
                record.headers().add("ce_id", ("load-" + i).getBytes(StandardCharsets.UTF_8));
                var _ = producer.send(record);
                LockSupport.parkNanos(Duration.ofMillis(3).toNanos());
            }
        }
    }
}
