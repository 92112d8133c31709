package dev.openkcm.networking.networkinterface.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.RecordedHistories;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.common.v1.ObjectReference;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse;
import dev.openkcm.networking.schemas.networkinterface.v1.NatRange;
import dev.openkcm.networking.schemas.networkinterface.v1.NatRangeObserved;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPObserved;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIP;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPClaimant;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPSpec;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPState;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The address book and the decider together. */
class InterfaceTopologyTest {

    private static final Kind<
                    dev.openkcm.networking.networkinterface.domain.NetworkInterface,
                    InterfaceCommand,
                    InterfaceEvent>
            KIND = InterfaceTopology.kind();

    @TempDir private Path stateDir;

    private TopologyHarness cluster;

    @BeforeEach
    void start() {
        cluster = new TopologyHarness(stateDir);
        var wire = new DecideTopology.Wire(cluster.serdes(), 1, 1 << 18);
        cluster.with(
                        "decide",
                        DecideTopology.of(KIND, InterfaceSurroundings.recipe(), wire),
                        KIND.commands(),
                        KIND.rerouted(),
                        KIND.observations())
                .with(
                        "addresses",
                        InterfaceTopology.addresses(cluster.serdes(), LocalSerdes.generic()),
                        InterfaceTopology.CLAIMS,
                        InterfaceTopology.REFERENCES,
                        Kind.topicOf("network", "state"),
                        Kind.topicOf("virtual-ip", "state"));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void network(String name, NetworkState state) {
        cluster.publishRecord(
                Kind.topicOf("network", "state"),
                "default/" + name,
                new Network(
                        new ObjectMeta(
                                "default",
                                name,
                                "uid-" + name,
                                1L,
                                1L,
                                Instant.EPOCH,
                                null,
                                Map.of(),
                                Map.of()),
                        new NetworkSpec(List.of(), List.of(), null),
                        new NetworkStatus(state, List.of(), List.of(), List.of())));
    }

    private void nic(String name, String network, String... ips) {
        var sources = new ArrayList<String>();
        for (String ip : ips) {
            sources.add("{\"value\": \"%s\"}".formatted(ip));
        }
        cluster.publish(
                KIND.commands(),
                "default/" + name,
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NetworkInterface",
                 "spec": {"networkRef": {"name": "%s"}, "ips": [%s]}}
                """
                        .formatted(network, String.join(",", sources)));
    }

    private void delete(String name) {
        cluster.publish(KIND.commands(), "default/" + name, null);
    }

    private NetworkInterface state(String name) {
        return cluster.last(KIND.state(), "default/" + name, NetworkInterface.class);
    }

    @Test
    void isAvailableWhateverComesFirst() {
        network("early", NetworkState.Available);
        nic("a", "early", "10.0.0.1");
        nic("b", "late", "10.0.0.1");
        assertThat(state("a").getStatus().getState()).isEqualTo(NetworkInterfaceState.Available);
        assertThat(state("b").getStatus().getState()).isEqualTo(NetworkInterfaceState.Pending);

        network("late", NetworkState.Available);
        assertThat(state("b").getStatus().getState()).isEqualTo(NetworkInterfaceState.Available);
        assertThat(state("b").getStatus().getIps()).containsExactly("10.0.0.1");
    }

    @Test
    void whatNoOwnerWritesStopsNothing() {
        cluster.publishNobodysRecords();

        network("net", NetworkState.Available);
        nic("a", "net", "10.0.0.1");
        assertThat(state("a").getStatus().getState()).isEqualTo(NetworkInterfaceState.Available);
    }

    @Test
    void theFirstHoldsAnAddressAndTheOldestWaiterGetsIt() {
        network("net", NetworkState.Available);
        nic("a", "net", "10.0.0.1");
        nic("b", "net", "10.0.0.1");
        nic("c", "net", "10.0.0.1");
        assertThat(state("b").getStatus().getState()).isEqualTo(NetworkInterfaceState.Error);

        delete("a");
        assertThat(state("a")).isNull();
        assertThat(state("b").getStatus().getState()).isEqualTo(NetworkInterfaceState.Available);
        assertThat(state("c").getStatus().getState()).isEqualTo(NetworkInterfaceState.Error);
        assertThat(state("c").getStatus().getConditions())
                .anyMatch(c -> c.getMessage().contains("NetworkInterface b"))
                .noneMatch(c -> c.getMessage().contains("NetworkInterface a"));
    }

    /** What is written here to {@code target/histories} was recorded when it was released. */
    @Test
    void recordedHistoriesStillMeanWhatTheyMeant() throws IOException {
        nic("a", "net", "10.0.0.1", "2001:db8::1");
        network("net", NetworkState.Available);
        nic("a", "net", "10.0.0.2", "2001:db8::1");
        cluster.publishRecord(
                KIND.observations(),
                "default/a",
                new NetworkInterfaceObservation(
                        "recorded",
                        new VirtualIPObserved("vip", "203.0.113.1", true, "", null, null)));
        cluster.publish(
                KIND.commands(),
                "default/a",
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NetworkInterface",
                 "metadata": {"labels": {"app": "web"}},
                 "spec": {"networkRef": {"name": "net"}, "ips": [{"value": "10.0.0.2"}, {"value": "2001:db8::1"}],
                   "prefixes": [{"value": "10.1.0.0/24"}], "virtualIP": {"virtualIPRef": {"name": "vip"}}}}
                """);
        cluster.publishRecord(
                KIND.observations(),
                "default/a",
                new NetworkInterfaceObservation(
                        "recorded",
                        new VirtualIPObserved("vip", "203.0.113.1", true, "", null, null)));
        cluster.publishRecord(
                KIND.observations(),
                "default/a",
                new NetworkInterfaceObservation(
                        "recorded",
                        new VirtualIPObserved("vip", "203.0.113.1", false, "", null, null)));
        String uid = state("a").getMetadata().getUid();
        for (var told :
                List.of(
                        new VirtualIPObserved(
                                "vip", "", false, "", "VirtualIPInUse", "another has it"),
                        new NatRangeObserved(
                                "nat", uid, new NatRange("nat", "203.0.113.2", 1024, 3071)),
                        new NatRangeObserved("nat", "", null))) {
            cluster.publishRecord(
                    KIND.observations(),
                    "default/a",
                    new NetworkInterfaceObservation("recorded", told));
        }
        delete("a");
        RecordedHistories.write(
                KIND,
                cluster.values(KIND.events(), "default/a", NetworkInterfaceEvent.class),
                Path.of("target/histories/network-interface-a-1.avro"));

        nic("b", "net", "10.0.0.2");
        var range = new NatRange("gw", "203.0.113.9", 1024, 3071);
        for (var observed :
                List.of(
                        new VirtualIPObserved(
                                "vip", "", false, "", "VirtualIPInUse", "in use by another"),
                        new NatRangeObserved("gw", "", range),
                        new NatRangeObserved("gw", "", null))) {
            cluster.publish(
                    KIND.commands(),
                    "default/b",
                    """
                    {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NetworkInterface",
                     "spec": {"networkRef": {"name": "net"}, "ips": [{"value": "10.0.0.2"}],
                       "virtualIP": {"virtualIPRef": {"name": "vip"}}}}
                    """);
            cluster.publishRecord(
                    KIND.observations(),
                    "default/b",
                    new NetworkInterfaceObservation("recorded", observed));
        }
        RecordedHistories.write(
                KIND,
                cluster.values(KIND.events(), "default/b", NetworkInterfaceEvent.class),
                Path.of("target/histories/network-interface-b-1.avro"));

        RecordedHistories.verify(KIND, Path.of("src/test/resources/histories"));
    }

    private void balancer(String name, String uid, boolean wanted, String... ips) {
        cluster.publishRecord(
                InterfaceTopology.CLAIMS,
                "default/net",
                new AddressClaim("LoadBalancer", "default", name, uid, wanted, 1L, List.of(ips)));
    }

    private AddressAnswer answer(String name) {
        return cluster.last(InterfaceTopology.ANSWERS, "default/" + name, AddressAnswer.class);
    }

    @Test
    void claimantsOfOtherKindsShareTheBookAndAreAnsweredOnTheirTopic() {
        balancer("a", "u1", true, "10.0.0.1");
        assertThat(answer("a").getNetwork()).isEqualTo(NetworkFact.Missing);
        network("net", NetworkState.Available);
        assertThat(answer("a").getNetwork()).isEqualTo(NetworkFact.Available);
        assertThat(answer("a").getConflicts()).isEmpty();

        // Of the same name, and nothing else in common.
        nic("a", "net", "10.0.0.1");
        assertThat(state("a").getStatus().getState()).isEqualTo(NetworkInterfaceState.Error);
        assertThat(state("a").getStatus().getConditions())
                .anyMatch(c -> c.getMessage().contains("held by LoadBalancer a"));

        balancer("a", "u2", true, "10.0.0.1");
        assertThat(answer("a").getUid()).isEqualTo("u2");
        assertThat(answer("a").getConflicts())
                .extracting(AddressInUse::getHolder)
                .containsExactly("LoadBalancer a");

        balancer("a", "u1", false);
        assertThat(state("a").getStatus().getState()).isEqualTo(NetworkInterfaceState.Available);
        delete("a");
        assertThat(answer("a").getConflicts()).isEmpty();
    }

    private void nicNaming(String name, @Nullable String virtualIp) {
        cluster.publish(
                KIND.commands(),
                "default/" + name,
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NetworkInterface",
                 "spec": {"networkRef": {"name": "net"}, "ips": [{"value": "10.0.0.1"}]%s}}
                """
                        .formatted(
                                virtualIp == null
                                        ? ""
                                        : ", \"virtualIP\": {\"virtualIPRef\": {\"name\": \"%s\"}}"
                                                .formatted(virtualIp)));
    }

    /** The state that the owner of VirtualIPs publishes. */
    private void virtualIp(@Nullable ObjectReference target, VirtualIPClaimant... waiting) {
        var status =
                VirtualIPStatus.newBuilder()
                        .setState(VirtualIPState.Available)
                        .setIp("203.0.113.1")
                        .setTargetRef(target)
                        .setWaiting(List.of(waiting))
                        .setWaitingTotal(waiting.length)
                        .build();
        cluster.publishRecord(
                Kind.topicOf("virtual-ip", "state"),
                "default/vip",
                new VirtualIP(
                        new ObjectMeta(
                                "default",
                                "vip",
                                "uid-vip",
                                1L,
                                1L,
                                Instant.EPOCH,
                                null,
                                Map.of(),
                                Map.of()),
                        new VirtualIPSpec("Public", "IPv4"),
                        status));
    }

    private void virtualIpGone() {
        cluster.publish(Kind.topicOf("virtual-ip", "state"), "default/vip", null, Map.of());
    }

    private ObjectReference reference(String nic) {
        return new ObjectReference("NetworkInterface", nic, state(nic).getMetadata().getUid());
    }

    private VirtualIPClaimant claimant(String nic, String reason) {
        return new VirtualIPClaimant(
                "NetworkInterface", nic, state(nic).getMetadata().getUid(), reason);
    }

    /** Why the interface does not have the VirtualIP that it names; empty when it has. */
    private String withoutVirtualIp(String nic) {
        return state(nic).getStatus().getConditions().stream()
                .filter(c -> c.getType().equals("VirtualIPAttached"))
                .map(c -> c.getReason() + ": " + c.getMessage())
                .findFirst()
                .orElse("");
    }

    @Test
    void showsThatTheVirtualIpItNamesDoesNotExist() {
        network("net", NetworkState.Available);
        nicNaming("a", "vip");
        assertThat(withoutVirtualIp("a"))
                .isEqualTo("VirtualIPMissing: VirtualIP vip does not exist");
        assertThat(state("a").getStatus().getState()).isEqualTo(NetworkInterfaceState.Available);

        virtualIp(reference("a"));
        assertThat(withoutVirtualIp("a")).isEmpty();
        assertThat(state("a").getStatus().getVirtualIP()).isEqualTo("203.0.113.1");

        virtualIpGone();
        assertThat(withoutVirtualIp("a"))
                .isEqualTo("VirtualIPMissing: VirtualIP vip does not exist");
        assertThat(state("a").getStatus().getVirtualIPs()).isEmpty();

        nicNaming("a", null);
        assertThat(withoutVirtualIp("a")).isEmpty();
        nicNaming("a", "other");
        assertThat(withoutVirtualIp("a"))
                .isEqualTo("VirtualIPMissing: VirtualIP other does not exist");
    }

    @Test
    void showsWhyItDoesNotHaveTheVirtualIpThatItNames() {
        network("net", NetworkState.Available);
        nicNaming("a", "vip");
        nicNaming("b", "vip");
        nicNaming("c", "vip");
        virtualIp(reference("a"), claimant("b", "VirtualIPInUse"));
        assertThat(withoutVirtualIp("b"))
                .isEqualTo("VirtualIPInUse: VirtualIP vip is in use by NetworkInterface a");
        assertThat(withoutVirtualIp("c"))
                .as("one of those that are only counted")
                .isEqualTo("VirtualIPInUse: VirtualIP vip is in use by NetworkInterface a");

        virtualIp(reference("b"), claimant("c", "IPFamilyMismatch"));
        assertThat(state("a").getStatus().getVirtualIPs()).isEmpty();
        assertThat(withoutVirtualIp("a"))
                .isEqualTo("VirtualIPInUse: VirtualIP vip is in use by NetworkInterface b");
        assertThat(state("b").getStatus().getVirtualIPs()).containsExactly("203.0.113.1");
        assertThat(withoutVirtualIp("c"))
                .isEqualTo(
                        "IPFamilyMismatch: VirtualIP vip is of a family that the interface has no"
                                + " address of");

        nicNaming("late", "vip");
        assertThat(withoutVirtualIp("late"))
                .as("known at once, before the VirtualIP counts it")
                .isEqualTo("VirtualIPInUse: VirtualIP vip is in use by NetworkInterface b");
    }

    @Test
    void isNotToldOfAVirtualIpByWhatAnEarlierOneOfItsNameNamed() {
        network("net", NetworkState.Available);
        nicNaming("a", "vip");
        delete("a");
        nicNaming("a", null);
        virtualIp(null);
        virtualIpGone();
        assertThat(withoutVirtualIp("a")).isEmpty();
        var told =
                cluster.values(KIND.observations(), "default/a", NetworkInterfaceObservation.class);
        assertThat(told.stream().filter(o -> o.getObservation() instanceof VirtualIPObserved))
                .as("only of the first")
                .hasSize(1);
    }

    @Test
    void tellsItsNetworkWhoLivesThere() {
        network("net", NetworkState.Available);
        nic("a", "net", "10.0.0.1");
        String key = "default/net/a";
        var member = cluster.last(InterfaceTopology.MEMBERS, key, NetworkMember.class);
        assertThat(member.getState()).isEqualTo(NetworkInterfaceState.Available);
        assertThat(member.getIps()).containsExactly("10.0.0.1");
        assertThat(member.getUid()).isEqualTo(state("a").getMetadata().getUid());

        delete("a");
        assertThat(cluster.last(InterfaceTopology.MEMBERS, key, NetworkMember.class)).isNull();
    }

    /** No two interfaces of a Network hold one address, and nothing is free that somebody wants. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyHistoryLeavesEachAddressWithOneHolder(long seed) {
        var random = new Random(seed);
        network("net", NetworkState.Available);
        var wanted = new TreeMap<String, String>();
        for (int step = 0; step < 60; step++) {
            String name = "nic-" + random.nextInt(6);
            if (random.nextInt(3) == 0) {
                delete(name);
                wanted.remove(name);
            } else {
                String ip = "10.0.0." + random.nextInt(3);
                nic(name, "net", ip);
                wanted.put(name, ip);
            }
            var holders = new HashMap<String, String>();
            for (var entry : wanted.entrySet()) {
                for (String ip : state(entry.getKey()).getStatus().getIps()) {
                    assertThat(ip).isEqualTo(entry.getValue());
                    assertThat(holders.put(ip, entry.getKey())).isNull();
                }
            }
            assertThat(holders.keySet()).containsAll(wanted.values());
        }
    }
}
