package dev.openkcm.networking.kernel.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.openkcm.networking.deploy.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who was replaced commits nothing more, though it reads nothing and only a timer makes it write.
 */
class ReplacedMemberTest {

    private static final String IN = "in";
    private static final String OUT = "out";
    private static final String STORE = "count";

    @TempDir private Path folder;

    @Test
    void whatATimerCountsIsCountedOnce() throws Exception {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"));
                var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(IN, 1, (short) 1),
                                    new NewTopic(OUT, 1, (short) 1)))
                    .all()
                    .get();
            try (var old = app(kafka, "old");
                    var seen = new Seen(kafka)) {
                old.start();
                await().pollInSameThread()
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> seen.by("old") >= 10);
                try (var other = app(kafka, "new")) {
                    other.start();
                    await().pollInSameThread()
                            .atMost(Duration.ofMinutes(1))
                            .until(() -> seen.by("new") >= 100);
                    assertThat(seen.counts)
                            .isEqualTo(
                                    LongStream.rangeClosed(1, seen.counts.size()).boxed().toList());
                }
            }
        }
    }

    /** The same member of the same group, with a disk of its own. */
    private StreamsApp app(EmbeddedKafka kafka, String name) {
        var client = Map.of("bootstrap.servers", kafka.bootstrapServers());
        var settings = new StreamsSettings(client, folder.resolve(name), 0, "localhost:1");
        var topology = new Topology();
        topology.addSource("from", new ByteArrayDeserializer(), new ByteArrayDeserializer(), IN);
        topology.addProcessor("counting", () -> new Counting(name), "from");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.Long()),
                "counting");
        topology.addSink("to", OUT, new ByteArraySerializer(), new LongSerializer(), "counting");
        return new StreamsApp(PromptCommits.in(topology), settings.promptly("app"));
    }

    private static final class Counting extends ContextualProcessor<byte[], byte[], byte[], Long> {

        private final String name;

        Counting(String name) {
            this.name = name;
        }

        @Override
        public void init(ProcessorContext<byte[], Long> context) {
            super.init(context);
            KeyValueStore<String, Long> store = context.getStateStore(STORE);
            context.schedule(
                    Duration.ofMillis(50),
                    PunctuationType.WALL_CLOCK_TIME,
                    now -> {
                        Long last = store.get(STORE);
                        long count = last == null ? 1 : last + 1;
                        store.put(STORE, count);
                        context.forward(new Record<>(name.getBytes(UTF_8), count, now));
                    });
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            throw new IllegalStateException("nothing is to be read");
        }
    }

    /** What was committed. */
    private static final class Seen implements AutoCloseable {

        private final KafkaConsumer<String, Long> consumer;
        private final List<Long> counts = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        Seen(EmbeddedKafka kafka) {
            consumer =
                    new KafkaConsumer<>(
                            Map.of(
                                    "bootstrap.servers",
                                    kafka.bootstrapServers(),
                                    "isolation.level",
                                    "read_committed",
                                    "auto.offset.reset",
                                    "earliest"),
                            new StringDeserializer(),
                            new LongDeserializer());
            consumer.assign(List.of(new TopicPartition(OUT, 0)));
        }

        long by(String name) {
            for (var record : consumer.poll(Duration.ofMillis(100))) {
                counts.add(record.value());
                names.add(record.key());
            }
            return names.stream().filter(name::equals).count();
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
