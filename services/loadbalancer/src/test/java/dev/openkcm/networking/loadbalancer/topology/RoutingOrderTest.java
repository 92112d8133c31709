package dev.openkcm.networking.loadbalancer.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A name that wanders from Network to Network. Networks lie on partitions of their own, whose tasks
 * are as far behind as they like; balancers are decided by their name, and hear of the tasks when
 * that partition's turn comes. In whichever order all of that happens, the rows are right in the
 * end.
 */
class RoutingOrderTest {

    private static final Kind<
                    dev.openkcm.networking.loadbalancer.domain.LoadBalancer,
                    LoadBalancerCommand,
                    LoadBalancerEvent>
            KIND = LoadBalancerTopology.kind();

    private static final int HISTORIES = 50;
    private static final int STEPS = 60;

    @TempDir private Path stateDir;

    private TopologyHarness cluster;

    @BeforeEach
    void start() {
        cluster = new TopologyHarness(stateDir);
        var wire = new DecideTopology.Wire(cluster.serdes(), 1, 1 << 18);
        cluster.with(
                "decide",
                DecideTopology.of(KIND, LoadBalancerSurroundings.recipe(), wire),
                KIND.commands(),
                KIND.rerouted(),
                KIND.observations());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void theRowsAreRightInTheEndWhateverTheOrder() {
        int moves = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            var history = new History(new Random(seed), "ns" + seed);
            history.play();
            moves += history.moves;
        }
        // Otherwise nothing was tried.
        assertThat(moves).isGreaterThan(HISTORIES / 2);
    }

    @Test
    void theNameIsTakenUntilTheOldRoutingIsGone() {
        var history = new History(new Random(1), "once");
        history.apply("a");
        history.delete();
        history.apply("b");
        assertThat(history.network()).isEqualTo("a");
        history.deliverAll();
        assertThat(history.network()).isNull();
        history.apply("b");
        history.deliverAll();
        history.assertRight();
        assertThat(history.log).containsOnlyKeys("once/lb/", "once/lb/b0", "once/lb/wanderer");
    }

    /** One name in its namespace, among Networks {@code a}, {@code b} and {@code c}. */
    private final class History {

        private static final List<String> NETWORKS = List.of("a", "b", "c");

        private final Random random;
        private final String namespace;
        private final Map<String, Task> tasks = new TreeMap<>();
        private final Queue<LoadBalancerObservation> observations = new ArrayDeque<>();

        /** What is left of the topic of rows after compaction. */
        private final TreeMap<String, LoadBalancerDestination> log = new TreeMap<>();

        private int seen = cluster.records(LoadBalancerTopology.BALANCERS).size();
        private int moves;
        private @Nullable String last;

        History(Random random, String namespace) {
            this.random = random;
            this.namespace = namespace;
            for (String network : NETWORKS) {
                var task = new Task(this);
                tasks.put(network, task);
                task.member(network, network + "0");
                // Names of interfaces are unique as well, but one may have been here and there.
                task.member(network, "wanderer");
            }
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> apply(NETWORKS.get(random.nextInt(NETWORKS.size())));
                    case 2 -> delete();
                    case 3 -> observe();
                    default -> tasks.get(NETWORKS.get(random.nextInt(NETWORKS.size()))).deliver();
                }
            }
            deliverAll();
            assertRight();
        }

        void apply(String network) {
            command(
                    """
                    {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "LoadBalancer",
                     "spec": {"type": "Public", "ipFamilies": ["IPv4"],
                              "networkRef": {"name": "%s"}, "ports": [{"port": 80}],
                              "networkInterfaceSelector": {"matchLabels": {"app": "web"}}}}
                    """
                            .formatted(network));
            if (network.equals(network()) && !network.equals(last)) {
                moves += last == null ? 0 : 1;
                last = network;
            }
        }

        void delete() {
            command(null);
        }

        private void command(@Nullable String json) {
            cluster.publish(KIND.commands(), namespace + "/lb", json);
            queueRows();
        }

        private void queueRows() {
            var rows = cluster.records(LoadBalancerTopology.BALANCERS);
            for (var row : rows.subList(seen, rows.size())) {
                String key = new String(row.key(), StandardCharsets.UTF_8);
                String network = key.split("/", -1)[1];
                tasks.get(network)
                        .queue
                        .add(
                                new Row(
                                        key,
                                        cluster.serdes()
                                                .of(BalancerRow.class)
                                                .deserializer()
                                                .deserialize("", row.value())));
            }
            seen = rows.size();
        }

        private boolean observe() {
            var observation = observations.poll();
            if (observation == null) {
                return false;
            }
            cluster.publishRecord(KIND.observations(), namespace + "/lb", observation);
            queueRows();
            return true;
        }

        void deliverAll() {
            boolean moved = true;
            while (moved) {
                moved = observe();
                for (var task : tasks.values()) {
                    moved |= task.deliver();
                }
            }
        }

        @Nullable String network() {
            var state = cluster.last(KIND.state(), namespace + "/lb", LoadBalancer.class);
            return state == null ? null : state.getSpec().getNetworkRef().getName();
        }

        void assertRight() {
            String network = network();
            var expected = new TreeSet<String>();
            if (network != null) {
                expected.add(namespace + "/lb/");
                expected.add(namespace + "/lb/" + network + "0");
                expected.add(namespace + "/lb/wanderer");
            }
            assertThat(log.keySet()).as(namespace).isEqualTo(expected);
            var state = cluster.last(KIND.state(), namespace + "/lb", LoadBalancer.class);
            log.values()
                    .forEach(row -> {
                        assertThat(row.getOwnerUid()).isEqualTo(state.getMetadata().getUid());
                        assertThat(row.getNetworkRef().getName()).isEqualTo(network);
                    });
        }
    }

    /** A row of a balancer on its way to the task of its Network. */
    private record Row(String key, @Nullable BalancerRow balancer) {}

    /** The task of one Network. */
    private static final class Task {

        private final History history;
        private final Queue<Row> queue = new ArrayDeque<>();
        private final RoutingProcessor processor = new RoutingProcessor();
        private final MockProcessorContext<String, @Nullable SpecificRecord> context =
                new MockProcessorContext<>();

        Task(History history) {
            this.history = history;
            var store =
                    Stores.keyValueStoreBuilder(
                                    Stores.inMemoryKeyValueStore(RoutingProcessor.STORE),
                                    Serdes.String(),
                                    Serdes.ByteArray())
                            .withLoggingDisabled()
                            .build();
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
            processor.init(context);
        }

        void member(String network, String name) {
            process(
                    LoadBalancerTopology.MEMBERS,
                    history.namespace + "/" + network + "/" + name,
                    new NetworkMember(
                            name,
                            "uid-" + name,
                            1L,
                            Map.of("app", "web"),
                            NetworkInterfaceState.Available,
                            List.of("10.0.0.1"),
                            List.of()));
        }

        boolean deliver() {
            var row = queue.poll();
            if (row != null) {
                process(LoadBalancerTopology.BALANCERS, row.key(), row.balancer());
            }
            return row != null;
        }

        private void process(String topic, String key, @Nullable SpecificRecord value) {
            context.setRecordMetadata(topic, 0, 0);
            processor.process(new Record<>(key, value, 0, new RecordHeaders()));
            for (var forward : new ArrayList<>(context.forwarded())) {
                switch (forward.record().value()) {
                    case LoadBalancerObservation told -> history.observations.add(told);
                    case LoadBalancerDestination row ->
                            history.log.put(forward.record().key(), row);
                    case null, default -> history.log.remove(forward.record().key());
                }
            }
            context.resetForwards();
        }
    }
}
