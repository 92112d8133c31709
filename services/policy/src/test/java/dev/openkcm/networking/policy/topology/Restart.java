package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyObservation;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyIntent;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyMember;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;

/** A compiler over a store, to be initialised again and again. */
final class Restart {

    private static final String TO_OBSERVATIONS = "observations";

    private final LocalSerdes serdes;
    private final MockProcessorContext<String, SpecificRecord> context =
            new MockProcessorContext<>();
    private final Compiler compiler;

    Restart(LocalSerdes serdes) {
        this.serdes = serdes;
        var store =
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(Compiler.STORE),
                                Serdes.String(),
                                Serdes.ByteArray())
                        .withLoggingDisabled()
                        .build();
        context.setCurrentSystemTimeMs(0);
        store.init(context.getStateStoreContext(), store);
        compiler =
                new Compiler(
                        serdes.of(PolicyIntent.class),
                        serdes.of(NetworkMember.class),
                        serdes.of(PolicyMember.class),
                        TO_OBSERVATIONS);
        compiler.init(context);
    }

    void restart() {
        context.scheduledPunctuators().clear();
        compiler.init(context);
    }

    void process(String topic, TestRecord<byte[], byte[]> record) {
        context.setRecordMetadata(topic, 0, 0);
        IndexedRecord value =
                switch (topic.substring(topic.indexOf('.') + 1)) {
                    case "network-policy.intents.v1" ->
                            serdes.of(PolicyIntent.class)
                                    .deserializer()
                                    .deserialize(topic, record.value());
                    case "network-interface.members.v1" ->
                            serdes.of(NetworkMember.class)
                                    .deserializer()
                                    .deserialize(topic, record.value());
                    case "network-policy.members.v1" ->
                            serdes.of(PolicyMember.class)
                                    .deserializer()
                                    .deserialize(topic, record.value());
                    default -> LocalSerdes.generic().deserialize(topic, record.value());
                };
        compiler.process(
                new Record<>(
                        new String(record.key(), StandardCharsets.UTF_8),
                        value,
                        0,
                        record.headers()));
    }

    void tick() {
        long now = context.currentSystemTimeMs() + Compiler.PAUSE.toMillis();
        context.scheduledPunctuators().getFirst().getPunctuator().punctuate(now);
    }

    /** The rows of groups and rules written since this was last asked. */
    List<String> takeRows() {
        var rows = new ArrayList<String>();
        for (var forwarded : context.forwarded()) {
            if (!(forwarded.record().value() instanceof NetworkPolicyObservation)) {
                rows.add("" + forwarded.record().key());
            }
        }
        context.resetForwards();
        return rows;
    }

    /** What policies were told since rows were last asked for. */
    List<String> takeObservations() {
        var told = new ArrayList<String>();
        for (var forwarded : context.forwarded()) {
            if (forwarded.record().value() instanceof NetworkPolicyObservation) {
                told.add("" + forwarded.record().key());
            }
        }
        context.resetForwards();
        return told;
    }
}
