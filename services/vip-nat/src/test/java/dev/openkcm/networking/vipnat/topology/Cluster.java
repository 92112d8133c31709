package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPool;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.natgateway.v1.NATGateway;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPSource;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIP;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;

/** All applications of the service over one imaginary cluster; its neighbours are played. */
final class Cluster implements AutoCloseable {

    static final Duration ADDRESSES_REST = Duration.ofMinutes(10);
    static final Duration PORTS_REST = Duration.ofMinutes(4);
    static final String IPV4 = "10.0.0.1";

    final TopologyHarness harness;
    private int interfaces;

    Cluster(Path stateDir) {
        harness = new TopologyHarness(stateDir);
        var serdes = harness.serdes();
        var wire = new DecideTopology.Wire(serdes, 1, 1 << 18);
        var vips = VipNatTopology.virtualIps();
        var nats = VipNatTopology.natGateways();
        var pools = VipNatTopology.addressPools();
        harness.with(
                        "vips",
                        DecideTopology.of(vips, VirtualIpSurroundings.recipe(), wire),
                        reads(vips, VipNatTopology.GRANTS))
                .with(
                        "nats",
                        DecideTopology.of(nats, NatGatewaySurroundings.recipe(), wire),
                        reads(nats, VipNatTopology.GRANTS))
                .with(
                        "pools",
                        DecideTopology.of(pools, AddressPoolSurroundings.recipe(), wire),
                        reads(pools))
                .with(
                        "allocate",
                        VipNatTopology.allocate(ADDRESSES_REST, serdes, LocalSerdes.generic()),
                        VipNatTopology.CLAIMS,
                        VipNatTopology.POOLS)
                .with(
                        "users",
                        VipNatTopology.users(serdes, LocalSerdes.generic()),
                        VipNatTopology.INTERFACES,
                        VipNatTopology.BALANCERS)
                .with(
                        "serve",
                        VipNatTopology.serve(PORTS_REST, serdes, LocalSerdes.generic()),
                        VipNatTopology.MEMBERS,
                        VipNatTopology.GATEWAYS,
                        VipNatTopology.NETWORKS);
    }

    private static String[] reads(Kind<?, ?, ?> kind, String... more) {
        var topics =
                new LinkedHashSet<>(List.of(kind.commands(), kind.rerouted(), kind.observations()));
        topics.addAll(List.of(more));
        return topics.toArray(String[]::new);
    }

    void apply(Kind<?, ?, ?> kind, String key, String spec) {
        harness.publish(
                kind.commands(),
                key,
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "%s", "spec": %s}
                """
                        .formatted(kind.name(), spec));
        tick();
    }

    void delete(Kind<?, ?, ?> kind, String key) {
        harness.publish(kind.commands(), key, null);
        tick();
    }

    /** Lets what is told together be told. */
    void tick() {
        for (int i = 0; i < 3; i++) {
            harness.advance(Duration.ofMillis(100));
        }
    }

    void pool(String name, String... cidrs) {
        String family = cidrs[0].contains(":") ? "IPv6" : "IPv4";
        apply(
                VipNatTopology.addressPools(),
                name,
                "{\"ipFamily\": \"%s\", \"cidrs\": [\"%s\"]}"
                        .formatted(family, String.join("\", \"", cidrs)));
    }

    void vip(String name, String family) {
        apply(
                VipNatTopology.virtualIps(),
                "default/" + name,
                "{\"type\": \"Public\", \"ipFamily\": \"%s\"}".formatted(family));
    }

    /** A claim of the service that owns load balancers, or the end of it. */
    void balancer(String name, String family, boolean wanted, long sequence) {
        harness.publishRecord(
                VipNatTopology.CLAIMS,
                family,
                new PublicAddressClaim(
                        "LoadBalancer",
                        "default",
                        name,
                        "uid-" + name,
                        family.toLowerCase(Locale.ROOT),
                        family,
                        wanted,
                        null,
                        sequence));
        tick();
    }

    void nat(String name, String more) {
        apply(
                VipNatTopology.natGateways(),
                "default/" + name,
                """
                {"type": "public", "ipFamily": "IPv4", "networkRef": {"name": "net"} %s}
                """
                        .formatted(more));
    }

    void network(NetworkState state) {
        harness.publishRecord(
                VipNatTopology.NETWORKS,
                "default/net",
                new Network(
                        meta("net", "uid-net"),
                        new NetworkSpec(List.of(), List.of(), null),
                        new NetworkStatus(state, List.of(), List.of(), List.of())));
        tick();
    }

    /** An interface in the Network that names a VirtualIP, if any, and has addresses of some. */
    void nic(String name, String names, String... publicIps) {
        nic(name, "uid-" + name, Set.of("IPv4"), names, publicIps);
        tick();
    }

    void nic(String name, String uid, Set<String> families, String names, String... publicIps) {
        interfaces++;
        var spec =
                NetworkInterfaceSpec.newBuilder()
                        .setNetworkRef(new LocalReference("net"))
                        .setIpFamilies(List.copyOf(families))
                        .setVirtualIP(
                                names == null
                                        ? null
                                        : new VirtualIPSource(new LocalReference(names)))
                        .build();
        var status =
                NetworkInterfaceStatus.newBuilder()
                        .setState(NetworkInterfaceState.Available)
                        .setLastStateTransitionTime(Instant.EPOCH)
                        .setIps(
                                families.contains("IPv4")
                                        ? List.of(
                                                "10.%d.%d.1"
                                                        .formatted(
                                                                interfaces >> 8, interfaces & 255))
                                        : List.of("fd00::" + Integer.toHexString(interfaces)))
                        .setVirtualIPs(List.of(publicIps))
                        .build();
        harness.publishRecord(
                VipNatTopology.INTERFACES,
                "default/" + name,
                new NetworkInterface(meta(name, uid), spec, status));
    }

    void nicGone(String name) {
        harness.publish(VipNatTopology.INTERFACES, "default/" + name, null, Map.of());
        tick();
    }

    static ObjectMeta meta(String name, String uid) {
        return new ObjectMeta(
                "default", name, uid, 1L, 1L, Instant.EPOCH, null, Map.of(), Map.of());
    }

    VirtualIP vip(String name) {
        return harness.last(
                VipNatTopology.virtualIps().state(), "default/" + name, VirtualIP.class);
    }

    NATGateway nat(String name) {
        return harness.last(
                VipNatTopology.natGateways().state(), "default/" + name, NATGateway.class);
    }

    AddressPool pool(String name) {
        return harness.last(VipNatTopology.addressPools().state(), name, AddressPool.class);
    }

    NatPortRange ports(String gateway, String nic) {
        return harness.last(
                VipNatTopology.PORTS, "default/" + gateway + "/" + nic, NatPortRange.class);
    }

    PublicAddressGrant grant(String key) {
        return harness.last(VipNatTopology.GRANTS, key, PublicAddressGrant.class);
    }

    /** The state is what follows from the events, and from nothing else. */
    @SuppressWarnings("unchecked") // The classes that a codec names are those of its records.
    <S, C, E> void assertFold(Kind<S, C, E> kind, String key) {
        var events = (Class<SpecificRecord>) kind.codec().eventType();
        var states = (Class<SpecificRecord>) kind.codec().stateType();
        var folded = kind.decider().absent();
        for (var event : harness.values(kind.events(), key, events)) {
            folded = kind.decider().evolve(folded, kind.codec().event(event));
        }
        var state = harness.last(kind.state(), key, states);
        if (kind.decider().meta(folded) == null) {
            assertThat(state).as(key).isNull();
        } else {
            assertThat(kind.codec().state(folded)).as(key).isEqualTo(state);
        }
    }

    Set<String> keys(String topic) {
        var keys = new LinkedHashSet<String>();
        harness.records(topic).forEach(r -> keys.add(new String(r.key(), StandardCharsets.UTF_8)));
        return keys;
    }

    @Override
    public void close() {
        harness.close();
    }
}
