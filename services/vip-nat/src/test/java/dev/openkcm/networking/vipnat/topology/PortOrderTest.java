package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.schemas.natgateway.v1.NATGateway;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayObservation;
import dev.openkcm.networking.schemas.natgateway.v1.NatGatewaySetup;
import dev.openkcm.networking.schemas.natgateway.v1.NatMember;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
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
 * A gateway and an interface that wander together from Network to Network. Networks lie on
 * partitions of their own, whose tasks are as far behind as they like. In whichever order all of
 * that happens, the rows of ports are right in the end.
 */
class PortOrderTest {

    private static final Kind<NatGateway, NatGatewayCommand, NatGatewayEvent> KIND =
            VipNatTopology.natGateways();

    private static final int HISTORIES = 40;
    private static final int STEPS = 60;
    private static final List<String> NETWORKS = List.of("a", "b", "c");

    @TempDir private Path stateDir;

    private TopologyHarness cluster;

    @BeforeEach
    void start() {
        cluster = new TopologyHarness(stateDir);
        var serdes = cluster.serdes();
        var wire = new DecideTopology.Wire(serdes, 1, 1 << 18);
        var pools = VipNatTopology.addressPools();
        cluster.with(
                        "nats",
                        DecideTopology.of(KIND, NatGatewaySurroundings.recipe(), wire),
                        KIND.commands(),
                        KIND.rerouted(),
                        KIND.observations(),
                        VipNatTopology.GRANTS)
                .with(
                        "pools",
                        DecideTopology.of(pools, AddressPoolSurroundings.recipe(), wire),
                        pools.commands(),
                        pools.rerouted(),
                        pools.observations())
                .with(
                        "allocate",
                        VipNatTopology.allocate(Duration.ZERO, serdes, LocalSerdes.generic()),
                        VipNatTopology.CLAIMS,
                        VipNatTopology.POOLS);
        cluster.publish(
                pools.commands(),
                "pool",
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "AddressPool",
                 "spec": {"ipFamily": "IPv4", "cidrs": ["10.0.0.0/16"]}}
                """);
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
    void theNameIsTakenUntilNobodyHasPorts() {
        var history = new History(new Random(1), "once");
        history.apply("a");
        history.moveNic("a");
        history.deliverAll();
        assertThat(history.log).containsOnlyKeys("once/gw/nic");
        history.command(null);
        history.apply("b");
        assertThat(history.network()).isEqualTo("a");
        history.deliverAll();
        assertThat(history.network()).isNull();
        assertThat(history.log).isEmpty();
        history.apply("b");
        history.moveNic("b");
        history.deliverAll();
        history.assertRight();
    }

    /** One gateway and one interface in their namespace. */
    private final class History {

        private final Random random;
        private final String namespace;
        private final TreeMap<String, Task> tasks = new TreeMap<>();
        private final Queue<NATGatewayObservation> observations = new ArrayDeque<>();

        /** What is left of the topic of rows after compaction. */
        private final TreeMap<String, NatPortRange> log = new TreeMap<>();

        private int seen = cluster.records(VipNatTopology.GATEWAYS).size();
        private int moves;
        private int interfaces;
        private @Nullable String last;
        private @Nullable String nic;

        History(Random random, String namespace) {
            this.random = random;
            this.namespace = namespace;
            NETWORKS.forEach(network -> tasks.put(network, new Task(this)));
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(9)) {
                    case 0, 1 -> apply(anyNetwork());
                    case 2 -> command(null);
                    case 3 -> moveNic(anyNetwork());
                    case 4 -> observe();
                    default -> tasks.get(anyNetwork()).deliver();
                }
            }
            deliverAll();
            assertRight();
        }

        private String anyNetwork() {
            return NETWORKS.get(random.nextInt(NETWORKS.size()));
        }

        void apply(String network) {
            command(
                    """
                    {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NATGateway",
                     "spec": {"type": "Public", "ipFamily": "IPv4",
                              "networkRef": {"name": "%s"}}}
                    """
                            .formatted(network));
            if (network.equals(network()) && !network.equals(last)) {
                moves += last == null ? 0 : 1;
                last = network;
            }
        }

        void command(@Nullable String json) {
            cluster.publish(KIND.commands(), namespace + "/gw", json);
            queueSetups();
        }

        private void queueSetups() {
            var records = cluster.records(VipNatTopology.GATEWAYS);
            for (var setup : records.subList(seen, records.size())) {
                String key = new String(setup.key(), StandardCharsets.UTF_8);
                tasks.get(key.substring(key.indexOf('/') + 1))
                        .queue
                        .add(
                                new Told(
                                        key,
                                        cluster.serdes()
                                                .of(NatGatewaySetup.class)
                                                .deserializer()
                                                .deserialize("", setup.value())));
            }
            seen = records.size();
        }

        /** Deleted in its Network, and created anew in another one. */
        void moveNic(String network) {
            if (nic != null) {
                tell(nic, false);
            }
            nic = network;
            interfaces++;
            tell(network, true);
        }

        private void tell(String network, boolean present) {
            var member =
                    new NatMember(
                            namespace,
                            "nic",
                            "uid-" + interfaces,
                            present,
                            present ? "10.0.0.1" : null,
                            null,
                            new ArrayList<>());
            tasks.get(network).queue.add(new Told(namespace + "/" + network, member));
        }

        private boolean observe() {
            var observation = observations.poll();
            if (observation == null) {
                return false;
            }
            cluster.publishRecord(KIND.observations(), namespace + "/gw", observation);
            queueSetups();
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

        private @Nullable NATGateway state() {
            return cluster.last(KIND.state(), namespace + "/gw", NATGateway.class);
        }

        @Nullable String network() {
            var state = state();
            return state == null ? null : state.getSpec().getNetworkRef().getName();
        }

        void assertRight() {
            var state = state();
            if (state == null || !state.getSpec().getNetworkRef().getName().equals(nic)) {
                assertThat(log).as(namespace).isEmpty();
            } else {
                assertThat(log).as(namespace).containsOnlyKeys(namespace + "/gw/nic");
                var row = log.get(namespace + "/gw/nic");
                assertThat(row.getGatewayUid()).isEqualTo(state.getMetadata().getUid());
                assertThat(row.getUid()).isEqualTo("uid-" + interfaces);
                assertThat(row.getPublicIP())
                        .isEqualTo(state.getStatus().getIps().getFirst().getIp());
            }
        }
    }

    /** Something on its way to the task of a Network. */
    private record Told(String network, SpecificRecord what) {}

    /** The task of one Network. */
    private static final class Task {

        private final History history;
        private final Queue<Told> queue = new ArrayDeque<>();
        private final PortClerk processor = new PortClerk(Cluster.PORTS_REST);
        private final MockProcessorContext<String, @Nullable SpecificRecord> context =
                new MockProcessorContext<>();

        Task(History history) {
            this.history = history;
            var store =
                    Stores.keyValueStoreBuilder(
                                    Stores.inMemoryKeyValueStore(PortClerk.STORE),
                                    Serdes.String(),
                                    Serdes.ByteArray())
                            .withLoggingDisabled()
                            .build();
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
            context.setCurrentSystemTimeMs(0);
            processor.init(context);
        }

        boolean deliver() {
            var told = queue.poll();
            if (told == null) {
                return false;
            }
            processor.process(new Record<>(told.network(), told.what(), 0, new RecordHeaders()));
            for (var forward : new ArrayList<>(context.forwarded())) {
                switch (forward.record().value()) {
                    case NATGatewayObservation learned -> history.observations.add(learned);
                    case NatPortRange row -> history.log.put(forward.record().key(), row);
                    case NatPortEvent _ -> {}
                    case null, default -> history.log.remove(forward.record().key());
                }
            }
            context.resetForwards();
            return true;
        }
    }
}
