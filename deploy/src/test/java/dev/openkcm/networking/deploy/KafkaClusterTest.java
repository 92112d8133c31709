package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaClusterTest {
    private static final BrokerNode ONE =
            new BrokerNode(1, 19092, 19093, Path.of("data/1"), "first");
    private static final BrokerNode TWO =
            new BrokerNode(2, 29092, 29093, Path.of("data/2"), "second");
    private static final BrokerNode THREE =
            new BrokerNode(3, 39092, 39093, Path.of("data/3"), "third");

    @Test
    void oneBrokerReplicatesNothing() {
        KafkaCluster cluster = KafkaCluster.of(ONE);

        assertThat(cluster.properties(ONE))
                .containsAllEntriesOf(
                        Map.of(
                                "auto.create.topics.enable", "false",
                                "offsets.topic.replication.factor", "1",
                                "offsets.topic.num.partitions", "4",
                                "transaction.state.log.num.partitions", "4",
                                "transaction.state.log.min.isr", "1",
                                "log.dirs", "data/1/log"));
        assertThat(cluster.formatArguments()).containsExactly("--standalone");
    }

    @Test
    void threeBrokersSurviveTheLossOfOne() {
        KafkaCluster cluster = KafkaCluster.of(ONE, TWO, THREE);

        assertThat(cluster.bootstrapServers())
                .isEqualTo("localhost:19092,localhost:29092,localhost:39092");
        assertThat(cluster.properties(TWO))
                .containsAllEntriesOf(
                        Map.of(
                                "node.id", "2",
                                "offsets.topic.replication.factor", "3",
                                "min.insync.replicas", "2",
                                "transaction.state.log.min.isr", "2",
                                "controller.quorum.bootstrap.servers",
                                        "localhost:19093,localhost:29093,localhost:39093"));
        assertThat(cluster.formatArguments())
                .containsExactly(
                        "--initial-controllers",
                        "1@localhost:19093:first,2@localhost:29093:second,3@localhost:39093:third");
    }
}
