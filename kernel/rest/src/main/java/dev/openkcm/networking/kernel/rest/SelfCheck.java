package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.schemas.common.v1.CommandResult;
import dev.openkcm.networking.schemas.common.v1.Outcome;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Folds the events of the service's kinds from the first one on, and compares with what is
 * published.
 *
 * <p>Partition by partition, so that no more is in memory than the resources of one partition.
 */
@Singleton
class SelfCheck {

    private static final int SHOWN = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration SETTLE = Duration.ofSeconds(10);

    private final ServiceRuntime runtime;
    private final ServiceConfig config;

    SelfCheck(ServiceRuntime runtime, ServiceConfig config) {
        this.runtime = runtime;
        this.config = config;
    }

    /** The findings about a kind, as a document. */
    ObjectNode check(Kind<?, ?, ?> kind) throws InterruptedException {
        var findings = new Findings();
        for (int partition = 0; partition < config.partitions(); partition++) {
            check(kind, partition, findings);
        }
        return findings.document(kind);
    }

    private <S, C, E> void check(Kind<S, C, E> kind, int partition, Findings findings)
            throws InterruptedException {
        Map<String, Object> settings = new HashMap<>(runtime.client());
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, runtime.name() + "-verify");
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(
                    List.of(
                            new TopicPartition(kind.events(), partition),
                            new TopicPartition(kind.state(), partition),
                            new TopicPartition(kind.results(), partition)));
            var fold = new Fold<>(kind, findings);
            long deadline = System.nanoTime() + SETTLE.toNanos();
            fold.read(consumer);
            // Events and states of one decision become visible together, but are read one after
            // the other: what differs only for that reason agrees a moment later.
            while (fold.differs() && System.nanoTime() < deadline) {
                Thread.sleep(200);
                fold.read(consumer);
            }
            fold.report();
        }
    }

    /** What was looked at, and what is wrong. */
    private static final class Findings {
        private long events;
        private long resources;
        private long results;
        private long wrong;
        private final List<ObjectNode> differences = new ArrayList<>();

        void found(String key, String what, String place) {
            wrong++;
            if (differences.size() < SHOWN) {
                differences.add(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("key", key)
                                .put("message", what)
                                .put("record", place));
            }
        }

        ObjectNode document(Kind<?, ?, ?> kind) {
            var document = JsonNodeFactory.instance.objectNode();
            document.put("kind", kind.name());
            document.put("events", events);
            document.put("resources", resources);
            document.put("results", results);
            document.put("differences", wrong);
            document.putArray("first").addAll(differences);
            return document;
        }
    }

    /** The resources of one partition, by their events and as published. */
    private final class Fold<S, C, E> {

        private record Published(SpecificRecord state, String place) {}

        private final Kind<S, C, E> kind;
        private final RecordKeys keys;
        private final Findings findings;
        private final Map<String, S> folded = new TreeMap<>();
        private final Map<String, Published> published = new HashMap<>();
        private final Map<String, Long> told = new HashMap<>();

        Fold(Kind<S, C, E> kind, Findings findings) {
            this.kind = kind;
            this.keys = RecordKeys.of(kind);
            this.findings = findings;
        }

        void read(KafkaConsumer<byte[], byte[]> consumer) {
            var ends = consumer.endOffsets(consumer.assignment());
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                var records = consumer.poll(Duration.ofMillis(200));
                records.forEach(this::take);
                if (!records.isEmpty()) {
                    deadline = System.nanoTime() + PATIENCE.toNanos();
                } else if (System.nanoTime() > deadline) {
                    throw new TimeoutException("the log can't be read");
                }
            }
        }

        private void take(ConsumerRecord<byte[], byte[]> record) {
            String place =
                    "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
            try {
                if (record.topic().equals(kind.results())) {
                    // Under the key of its command, whatever that is.
                    result((CommandResult) decoded(CommandResult.class, record));
                } else {
                    take(keys.deserialize(record.topic(), record.key()), place, record);
                }
            } catch (SerializationException unreadable) {
                if (SchemaRegistryException.isUnavailable(unreadable)) {
                    throw unreadable;
                }
                findings.found(
                        "", "its owner can't have written this: " + unreadable.getMessage(), place);
            }
        }

        private void take(String key, String place, ConsumerRecord<byte[], byte[]> record) {
            if (record.topic().equals(kind.state())) {
                if (record.value() == null) {
                    published.remove(key);
                } else {
                    var state = decoded(kind.codec().stateType(), record);
                    published.put(key, new Published(state, place));
                }
            } else {
                event(key, place, decoded(kind.codec().eventType(), record));
            }
        }

        private SpecificRecord decoded(
                Class<? extends SpecificRecord> type, ConsumerRecord<byte[], byte[]> record) {
            SpecificRecord value =
                    runtime.decoder(type).deserialize(record.topic(), record.value());
            if (value == null) {
                throw new SerializationException("it has no value");
            }
            return value;
        }

        private void event(String key, String place, SpecificRecord record) {
            findings.events++;
            var event = kind.codec().published(record);
            S before = folded.getOrDefault(key, kind.decider().absent());
            var meta = kind.decider().meta(before);
            long expected = meta == null ? 1 : meta.resourceVersion() + 1;
            if (event.sequence() != expected || (meta != null && !meta.uid().equals(event.uid()))) {
                findings.found(
                        key,
                        "event %d of uid %s, where %d was expected"
                                .formatted(event.sequence(), event.uid(), expected),
                        place);
            }
            try {
                S after = kind.evolve(before, record);
                if (kind.decider().meta(after) == null) {
                    folded.remove(key);
                } else {
                    folded.put(key, after);
                }
            } catch (RuntimeException contradiction) {
                findings.found(key, "the event contradicts those before: " + contradiction, place);
            }
        }

        private void result(CommandResult result) {
            findings.results++;
            String uid = result.getUid();
            Long version = result.getResourceVersion();
            if (result.getOutcome() == Outcome.Accepted
                    && !result.getDryRun()
                    && uid != null
                    && version != null) {
                told.merge(uid, version, Math::max);
            }
        }

        boolean differs() {
            return !folded.keySet().equals(published.keySet())
                    || folded.keySet().stream().anyMatch(key -> !same(key));
        }

        private boolean same(String key) {
            S state = folded.get(key);
            var shown = published.get(key);
            return state != null
                    && shown != null
                    && canonical(kind.codec().state(state)).equals(canonical(shown.state()));
        }

        private static String canonical(SpecificRecord state) {
            return AvroJson.object(state).toString();
        }

        void report() {
            findings.resources += folded.size();
            folded.forEach((key, state) -> {
                var shown = published.get(key);
                var meta = kind.decider().meta(state);
                if (shown == null) {
                    findings.found(key, "it exists by its events, and has no state", "");
                } else if (!same(key)) {
                    findings.found(
                            key,
                            "the state is %s, its events make it %s"
                                    .formatted(
                                            canonical(shown.state()),
                                            canonical(kind.codec().state(state))),
                            shown.place());
                }
                if (meta != null
                        && told.getOrDefault(meta.uid().toString(), 0L) > meta.resourceVersion()) {
                    findings.found(key, "an answer tells of a version that it never reached", "");
                }
            });
            published.forEach((key, shown) -> {
                if (!folded.containsKey(key)) {
                    findings.found(key, "it is gone by its events, and has a state", shown.place());
                }
            });
        }
    }
}
