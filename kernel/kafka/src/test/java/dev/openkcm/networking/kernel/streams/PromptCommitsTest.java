package dev.openkcm.networking.kernel.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class PromptCommitsTest {

    private static final long GAP = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(10);

    private final PromptCommits.Pace pace = new PromptCommits.Pace();

    @Test
    void whatWasSentIsDueOnceFewWereReadAndTheLastCommitIsAWhileAgo() {
        pace.committed(0, 0);
        assertThat(pace.due(GAP)).as("nothing to commit").isFalse();
        pace.polled(2);
        pace.worked();
        pace.sent();
        assertThat(pace.due(GAP)).as("another to be worked off").isFalse();
        pace.worked();
        assertThat(pace.due(GAP - 1)).as("just committed").isFalse();
        assertThat(pace.due(GAP)).isTrue();
        pace.committed(GAP, GAP);
        assertThat(pace.due(3 * GAP)).as("committed").isFalse();
    }

    @Test
    void whereCommitsTakeLongTheyAreFewer() {
        pace.committed(0, 10 * GAP);
        pace.polled(0);
        pace.sent();
        assertThat(pace.due(29 * GAP)).isFalse();
        assertThat(pace.due(30 * GAP)).isTrue();
    }

    @Test
    void underLoadManyShareACommit() {
        pace.committed(0, 0);
        pace.polled(100);
        for (int i = 0; i < 100; i++) {
            pace.worked();
        }
        pace.sent();
        assertThat(pace.due(INTERVAL - 1)).isFalse();
        assertThat(pace.due(INTERVAL)).isTrue();
        pace.polled(0);
        assertThat(pace.due(GAP)).as("worked off").isTrue();
    }

    @Test
    void underLoadWorkIsAsLongAsALongWaitForACommit() {
        pace.waited(7 * INTERVAL);
        pace.committed(0, INTERVAL);
        pace.polled(100);
        pace.sent();
        assertThat(pace.due(9 * INTERVAL - 1)).isFalse();
        assertThat(pace.due(9 * INTERVAL)).isTrue();
        pace.committed(9 * INTERVAL, 11 * INTERVAL);
        pace.sent();
        assertThat(pace.due(12 * INTERVAL)).as("the next was quick").isTrue();
        pace.committed(0, 1_000 * INTERVAL);
        pace.sent();
        assertThat(pace.due(1_050 * INTERVAL)).as("never longer than this").isTrue();
    }

    @Test
    void aBacklogIsWorkedOffForMostOfTheTime() {
        pace.waited(3 * INTERVAL);
        pace.committed(0, INTERVAL);
        pace.polled(1_000);
        pace.sent();
        assertThat(pace.due(17 * INTERVAL - 1)).isFalse();
        assertThat(pace.due(17 * INTERVAL)).isTrue();
        pace.polled(100);
        assertThat(pace.due(5 * INTERVAL)).as("caught up").isTrue();
        pace.polled(1_000);
        pace.committed(0, 1_000 * INTERVAL);
        pace.sent();
        assertThat(pace.due(1_050 * INTERVAL)).as("never longer than this").isTrue();
    }

    @Test
    void everyPartOfATopologyAsksAndStaysOnePart() {
        var topology = new Topology();
        for (String source : new String[] {"a", "b", "alone"}) {
            topology.addSource(
                    source, new ByteArrayDeserializer(), new ByteArrayDeserializer(), source);
            topology.addSink(
                    "of " + source,
                    "out",
                    new ByteArraySerializer(),
                    new ByteArraySerializer(),
                    source);
        }
        topology.addProcessor("both", StoreUser::new, "a", "b");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore("store"),
                        org.apache.kafka.common.serialization.Serdes.String(),
                        org.apache.kafka.common.serialization.Serdes.String()),
                "both");

        int parts = topology.describe().subtopologies().size();
        PromptCommits.in(topology);

        var described = topology.describe().subtopologies();
        assertThat(described).hasSize(parts);
        for (var part : described) {
            var asking =
                    part.nodes().stream()
                            .filter(node -> node.name().startsWith("commit-promptly"))
                            .collect(Collectors.toSet());
            assertThat(asking).hasSize(1);
            var sources =
                    part.nodes().stream()
                            .filter(TopologyDescription.Source.class::isInstance)
                            .collect(Collectors.toSet());
            assertThat(asking.iterator().next().predecessors())
                    .containsExactlyInAnyOrderElementsOf(sources);
        }
    }

    private static final class StoreUser
            extends org.apache.kafka.streams.processor.api.ContextualProcessor<
                    byte[], byte[], byte[], byte[]> {

        @Override
        public void process(org.apache.kafka.streams.processor.api.Record<byte[], byte[]> record) {}
    }
}
