package dev.openkcm.networking.network.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.RecordedHistories;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.schemas.common.v1.Condition;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of bound Networks that collide, found and forgotten. */
class OverlapTopologyTest {

    private static final Kind<?, ?, ?> KIND = NetworkTopology.kind("OpenKCM-net-system");
    private static final String INTERFACES = Kind.topicOf("network-interface", "state");

    @TempDir private Path stateDir;

    private TopologyHarness cluster;

    @BeforeEach
    void start() {
        cluster = new TopologyHarness(stateDir);
        var wire = new DecideTopology.Wire(cluster.serdes(), 1, 1 << 18);
        var range = new IdRange(200, 204, Duration.ofMinutes(10));
        cluster.with(
                        "decide",
                        DecideTopology.of(
                                NetworkTopology.kind("OpenKCM-net-system"),
                                NetworkSurroundings.recipe(range),
                                wire),
                        KIND.commands(),
                        KIND.rerouted(),
                        KIND.observations())
                .with(
                        "observe",
                        NetworkTopology.observe(cluster.serdes(), LocalSerdes.generic()),
                        NetworkTopology.PEERING_INTENTS,
                        KIND.state(),
                        INTERFACES,
                        NetworkTopology.MEMBERS,
                        NetworkTopology.PEERED_ADDRESSES);
        apply("default/a", "prod/b", "");
        apply("prod/b", "default/a", "");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void apply(String network, String peer, String prefixes) {
        String[] other = peer.split("/", 2);
        cluster.publish(
                KIND.commands(),
                network,
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network",
                 "spec": {"peerings": [{"name": "peer", "prefixes": [%s],
                   "networkRef": {"namespace": "%s", "name": "%s"}}]}}
                """
                        .formatted(prefixes, other[0], other[1]));
    }

    private void holds(String nic, String network, List<String> ips, List<String> prefixes) {
        var key = ResourceKey.parse(nic);
        var state =
                NetworkInterface.newBuilder()
                        .setMetadata(
                                ObjectMeta.newBuilder()
                                        .setNamespace(key.namespace())
                                        .setName(key.name())
                                        .setUid("u")
                                        .setGeneration(1)
                                        .setResourceVersion(1)
                                        .setCreationTimestamp(TopologyHarness.start())
                                        .build())
                        .setSpec(
                                NetworkInterfaceSpec.newBuilder()
                                        .setNetworkRef(new LocalReference(network))
                                        .setIpFamilies(List.of())
                                        .setIps(List.of())
                                        .build())
                        .setStatus(
                                NetworkInterfaceStatus.newBuilder()
                                        .setState(NetworkInterfaceState.Available)
                                        .setLastStateTransitionTime(TopologyHarness.start())
                                        .setIps(ips)
                                        .setPrefixes(prefixes)
                                        .build())
                        .build();
        cluster.publishRecord(INTERFACES, nic, state);
        cluster.publishRecord(
                NetworkTopology.MEMBERS,
                member(nic),
                new NetworkMember(
                        key.name(),
                        "u",
                        1L,
                        Map.of(),
                        NetworkInterfaceState.Available,
                        ips,
                        prefixes));
    }

    /** Interfaces of default are in a, those of prod in b. */
    private static String member(String nic) {
        var key = ResourceKey.parse(nic);
        String network = key.namespace().equals("default") ? "a" : "b";
        return key.sibling(network) + "/" + key.name();
    }

    private void gone(String nic) {
        cluster.publish(INTERFACES, nic, null);
        cluster.publish(NetworkTopology.MEMBERS, member(nic), null);
    }

    private Optional<String> overlap(String network) {
        return cluster
                .last(KIND.state(), network, Network.class)
                .getStatus()
                .getConditions()
                .stream()
                .filter(c -> c.getType().equals("AddressesOverlap"))
                .map(Condition::getMessage)
                .findFirst();
    }

    @Test
    void bothSidesAreNamedOnBothNetworksUntilItIsOver() {
        holds("default/web", "a", List.of("10.0.0.1"), List.of());
        holds("prod/db", "b", List.of("10.0.0.2"), List.of());
        assertThat(overlap("default/a")).isEmpty();

        holds("prod/db", "b", List.of("10.0.0.1"), List.of());
        assertThat(overlap("default/a"))
                .hasValueSatisfying(m ->
                        assertThat(m)
                                .contains("10.0.0.1 (NetworkInterface web of Network default/a)")
                                .contains("10.0.0.1 (NetworkInterface db of Network prod/b)"));
        assertThat(overlap("prod/b")).isPresent();

        gone("default/web");
        assertThat(overlap("default/a")).isEmpty();
        assertThat(overlap("prod/b")).isEmpty();
    }

    @Test
    void aPeeringThatBindsLaterFindsWhatIsThere() {
        cluster.publish(KIND.commands(), "prod/b", null);
        holds("default/web", "a", List.of("10.0.0.1"), List.of());
        holds("prod/lan", "b", List.of(), List.of("10.0.0.0/24"));

        apply("prod/b", "default/a", "");

        assertThat(overlap("default/a"))
                .hasValueSatisfying(m -> assertThat(m).contains("10.0.0.0/24"));
    }

    @Test
    void whatNeitherSideExportsDoesNotCollide() {
        holds("default/web", "a", List.of("10.0.0.1"), List.of());
        holds("prod/db", "b", List.of("10.0.0.1"), List.of());
        assertThat(overlap("default/a")).isPresent();

        apply("default/a", "prod/b", "{\"name\": \"x\", \"prefix\": \"10.1.0.0/16\"}");
        assertThat(overlap("default/a")).isPresent();

        apply("prod/b", "default/a", "{\"name\": \"y\", \"prefix\": \"10.2.0.0/16\"}");
        assertThat(overlap("default/a")).isEmpty();
        assertThat(overlap("prod/b")).isEmpty();
    }

    /** What is written here to {@code target/histories} was recorded when it was released. */
    @Test
    void recordedHistoriesStillMeanWhatTheyMeant() throws IOException {
        holds("default/web", "a", List.of("10.0.0.1"), List.of());
        holds("prod/db", "b", List.of("10.0.0.1"), List.of());
        gone("prod/db");
        apply("default/a", "prod/b", "{\"name\": \"x\", \"prefix\": \"10.1.0.0/16\"}");
        cluster.publish(KIND.commands(), "default/a", null);
        gone("default/web");
        for (int id = 0; id < 4; id++) {
            cluster.publish(
                    KIND.commands(),
                    "default/n" + id,
                    """
                    {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network"}
                    """);
        }
        for (String name : List.of("a", "n3")) {
            RecordedHistories.write(
                    KIND,
                    cluster.values(KIND.events(), "default/" + name, NetworkEvent.class),
                    Path.of("target/histories/network-%s-1.avro".formatted(name)));
        }

        RecordedHistories.verify(KIND, Path.of("src/test/resources/histories"));
    }

    /** The reference model compares everything with everything. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyHistoryEndsAsIfComputedAnew(long seed) {
        var random = new Random(seed);
        var held = new TreeMap<String, List<String>>();
        for (int step = 0; step < 80; step++) {
            String nic = (random.nextBoolean() ? "default/n" : "prod/n") + random.nextInt(12);
            String network = nic.startsWith("default") ? "a" : "b";
            if (random.nextInt(4) == 0) {
                held.remove(nic);
                gone(nic);
            } else {
                var ips = List.of("10.0.0." + random.nextInt(40));
                int length = 24 + random.nextInt(8);
                var range = Cidr.parse("10.0.0.%d/32".formatted(random.nextInt(256))).orElseThrow();
                List<String> prefixes =
                        random.nextInt(5) == 0 ? List.of(range.truncate(length).text()) : List.of();
                held.put(
                        nic,
                        java.util.stream.Stream.concat(ips.stream(), prefixes.stream()).toList());
                holds(nic, network, ips, prefixes);
            }
            assertThat(overlap("default/a").isPresent())
                    .as("after step %d", step)
                    .isEqualTo(collides(held));
            assertThat(overlap("prod/b").isPresent()).isEqualTo(collides(held));
        }
    }

    private static boolean collides(Map<String, List<String>> held) {
        for (var one : held.entrySet()) {
            for (var other : held.entrySet()) {
                if (one.getKey().startsWith("default") && other.getKey().startsWith("prod")) {
                    for (String mine : one.getValue()) {
                        for (String theirs : other.getValue()) {
                            if (range(mine).overlaps(range(theirs))) {
                                return true;
                            }
                        }
                    }
                }
            }
        }
        return false;
    }

    private static Cidr range(String text) {
        return (text.contains("/") ? Cidr.parse(text) : Cidr.parseAddress(text)).orElseThrow();
    }
}
