package dev.openkcm.networking.loadbalancer.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.RecordedHistories;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerEvent;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerState;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The decider, its neighbours' topics and the routing together. */
class LoadBalancerTopologyTest {

    private static final Kind<
                    dev.openkcm.networking.loadbalancer.domain.LoadBalancer,
                    LoadBalancerCommand,
                    dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent>
            KIND = LoadBalancerTopology.kind();

    private static final String PUBLIC =
            """
            {"type": "Public", "ipFamilies": ["IPv4"], "networkRef": {"name": "net"},
             "networkInterfaceSelector": {"matchLabels": {"app": "web"}}, "ports": [{"port": 80}]}
            """;

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
                        KIND.observations(),
                        LoadBalancerTopology.NETWORK_ANSWERS,
                        LoadBalancerTopology.POOL_GRANTS)
                .with(
                        "route",
                        LoadBalancerTopology.route(cluster.serdes(), LocalSerdes.generic()),
                        LoadBalancerTopology.MEMBERS,
                        LoadBalancerTopology.BALANCERS,
                        Kind.topicOf("virtual-ip", "state"));
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void apply(String spec) {
        cluster.publish(
                KIND.commands(),
                "default/lb",
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "LoadBalancer",
                 "spec": %s}
                """
                        .formatted(spec));
    }

    private LoadBalancer state() {
        return cluster.last(KIND.state(), "default/lb", LoadBalancer.class);
    }

    private void answer(NetworkFact fact, AddressInUse... conflicts) {
        var claim =
                cluster.values(
                                LoadBalancerTopology.NETWORK_CLAIMS,
                                "default/net",
                                AddressClaim.class)
                        .getLast();
        cluster.publishRecord(
                LoadBalancerTopology.NETWORK_ANSWERS,
                "default/lb",
                new AddressAnswer(
                        "LoadBalancer",
                        "default",
                        "lb",
                        claim.getUid(),
                        fact,
                        claim.getClaim(),
                        List.of(conflicts)));
    }

    private List<PublicAddressClaim> claims(String family) {
        return cluster.values(LoadBalancerTopology.POOL_CLAIMS, family, PublicAddressClaim.class);
    }

    private void grant(String ip) {
        var claim = claims("IPv4").getLast();
        cluster.publishRecord(
                LoadBalancerTopology.POOL_GRANTS,
                "LoadBalancer/default/lb/ipv4",
                new PublicAddressGrant(
                        claim.getKind(),
                        claim.getNamespace(),
                        claim.getName(),
                        claim.getUid(),
                        claim.getSlot(),
                        claim.getIpFamily(),
                        ip,
                        "pool",
                        null,
                        null,
                        claim.getSequence()));
    }

    @Test
    void becomesAvailableByTheAnswersOfItsNeighboursInAnyOrder() {
        apply(PUBLIC);
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Pending);
        grant("203.0.113.7");
        answer(NetworkFact.Missing);
        answer(NetworkFact.Available);
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Available);
        assertThat(state().getStatus().getIps()).containsExactly("203.0.113.7");
    }

    @Test
    void whatNoOwnerWritesStopsNothing() {
        cluster.publishNobodysRecords();

        apply(PUBLIC);
        answer(NetworkFact.Available);
        grant("203.0.113.7");
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Available);
    }

    @Test
    void givesEverythingBackWhenItGoes() {
        apply(PUBLIC);
        answer(NetworkFact.Available);
        grant("203.0.113.7");
        cluster.publish(KIND.commands(), "default/lb", null);

        assertThat(state()).isNull();
        assertThat(claims("IPv4"))
                .extracting(PublicAddressClaim::getWanted)
                .containsExactly(true, false);
        assertThat(claims("IPv4").getLast().getSequence())
                .isGreaterThan(claims("IPv4").getFirst().getSequence());
        assertThat(
                        cluster.values(
                                        LoadBalancerTopology.NETWORK_CLAIMS,
                                        "default/net",
                                        AddressClaim.class)
                                .getLast()
                                .getWanted())
                .isFalse();
        assertThat(
                        cluster.last(
                                LoadBalancerTopology.ROUTING,
                                "default/lb/",
                                LoadBalancerDestination.class))
                .isNull();
    }

    /** A history with every type of event, as it is recorded and as it was. */
    @Test
    void everyRecordedHistoryMeansWhatItMeant() throws IOException {
        String withVirtualIp =
                PUBLIC.replace("\"ports\"", "\"virtualIPRefs\": [{\"name\": \"vip\"}], \"ports\"");
        apply(PUBLIC);
        answer(NetworkFact.Missing);
        answer(NetworkFact.Available);
        grant("203.0.113.7");
        apply(withVirtualIp);
        virtualIp("LoadBalancer", "lb", "");
        cluster.publish(Kind.topicOf("virtual-ip", "state"), "default/vip", null, Map.of());
        apply(PUBLIC.replace("80", "81"));
        cluster.publish(KIND.commands(), "default/lb", null);
        assertThat(state()).isNull();
        RecordedHistories.write(
                KIND,
                cluster.values(KIND.events(), "default/lb", LoadBalancerEvent.class),
                Path.of("target/histories/load-balancer-lb-1.avro"));

        RecordedHistories.verify(KIND, Path.of("src/test/resources/histories"));
    }

    @Test
    void asksThePoolsForNothingTwice() {
        apply(PUBLIC);
        apply(PUBLIC.replace("80", "81"));
        answer(NetworkFact.Available);
        grant("203.0.113.7");
        apply(PUBLIC.replace("web", "db"));
        assertThat(claims("IPv4")).hasSize(1);
        assertThat(state().getStatus().getIps()).containsExactly("203.0.113.7");

        apply(PUBLIC.replace("[\"IPv4\"]", "[\"IPv6\"]"));
        assertThat(claims("IPv4").getLast().getWanted()).isFalse();
        assertThat(claims("IPv6").getLast().getWanted()).isTrue();
    }

    @Test
    void claimsTheAddressesOfAnInternalOneInItsNetwork() {
        apply(
                """
                {"type": "Internal", "ips": [{"value": "10.0.0.5"}], "networkRef": "net",
                 "ports": [{"protocol": "SCTP", "port": 1, "endPort": 9}]}
                """);
        var claim =
                cluster.values(
                                LoadBalancerTopology.NETWORK_CLAIMS,
                                "default/net",
                                AddressClaim.class)
                        .getLast();
        assertThat(claim.getKind()).isEqualTo("LoadBalancer");
        assertThat(claim.getAddresses()).containsExactly("10.0.0.5");
        assertThat(state().getSpec().getPorts().getFirst().getEndPort()).isEqualTo(9);

        answer(
                NetworkFact.Available,
                new AddressInUse("10.0.0.5", "NetworkInterface nic", "10.0.0.5"));
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Error);
        assertThat(state().getStatus().getConditions())
                .anyMatch(c -> c.getMessage().equals("10.0.0.5 is held by NetworkInterface nic"));
        answer(NetworkFact.Available);
        assertThat(state().getStatus().getIps()).containsExactly("10.0.0.5");
    }

    @Test
    void hasTheAddressOfTheVirtualIpThatTargetsIt() {
        apply(PUBLIC.replace("\"ports\"", "\"virtualIPRefs\": [{\"name\": \"vip\"}], \"ports\""));
        answer(NetworkFact.Available);
        assertThat(claims("IPv4")).isEmpty();
        virtualIp("NetworkInterface", "nic", "");
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Pending);
        virtualIp("NetworkInterface", "nic", "lb");
        assertThat(addressesReady())
                .isEqualTo("VirtualIPInUse: VirtualIP vip is in use by NetworkInterface nic");
        virtualIp("LoadBalancer", "lb", "");
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Available);
        assertThat(state().getStatus().getIps()).containsExactly("203.0.113.9");
        cluster.publish(Kind.topicOf("virtual-ip", "state"), "default/vip", null, Map.of());
        assertThat(state().getStatus().getState()).isEqualTo(LoadBalancerState.Pending);
        assertThat(addressesReady()).isEqualTo("VirtualIPMissing: VirtualIP vip does not exist");
    }

    private String addressesReady() {
        return state().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("AddressesReady"))
                .map(condition -> condition.getReason() + ": " + condition.getMessage())
                .findFirst()
                .orElseThrow();
    }

    /** As its owner would write it; only what matters here. */
    private void virtualIp(String kind, String target, String waiter) {
        Schema claimant =
                SchemaBuilder.record("dev.openkcm.networking.schemas.test.Claimant")
                        .fields()
                        .requiredString("kind")
                        .requiredString("name")
                        .requiredString("reason")
                        .endRecord();
        Schema status =
                SchemaBuilder.record("dev.openkcm.networking.schemas.test.Status")
                        .fields()
                        .requiredString("ip")
                        .name("targetRef")
                        .type(claimant)
                        .noDefault()
                        .name("waiting")
                        .type()
                        .array()
                        .items(claimant)
                        .noDefault()
                        .endRecord();
        Schema schema =
                SchemaBuilder.record("dev.openkcm.networking.schemas.test.VirtualIP")
                        .fields()
                        .name("status")
                        .type(status)
                        .noDefault()
                        .endRecord();
        var statusRecord = new GenericData.Record(status);
        statusRecord.put("ip", "203.0.113.9");
        statusRecord.put("targetRef", claimant(claimant, kind, target));
        statusRecord.put(
                "waiting",
                waiter.isEmpty() ? List.of() : List.of(claimant(claimant, "LoadBalancer", waiter)));
        var record = new GenericData.Record(schema);
        record.put("status", statusRecord);
        cluster.publish(
                Kind.topicOf("virtual-ip", "state"),
                "default/vip",
                LocalSerdes.encodeGeneric(record),
                Map.of());
    }

    private static GenericData.Record claimant(Schema schema, String kind, String name) {
        var claimant = new GenericData.Record(schema);
        claimant.put("kind", kind);
        claimant.put("name", name);
        claimant.put("reason", "VirtualIPInUse");
        return claimant;
    }

    @Test
    void keysOfRowsSayWhoseTheyAre() {
        apply(PUBLIC);
        assertThat(cluster.records(LoadBalancerTopology.BALANCERS))
                .extracting(r -> new String(r.key(), StandardCharsets.UTF_8))
                .containsExactly("default/net/lb");
        assertThat(cluster.records(LoadBalancerTopology.ROUTING))
                .extracting(r -> new String(r.key(), StandardCharsets.UTF_8))
                .containsExactly("default/lb/");
    }
}
