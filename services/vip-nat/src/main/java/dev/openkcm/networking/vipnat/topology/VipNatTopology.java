package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolObservation;
import dev.openkcm.networking.schemas.addresspool.v1.PoolSetup;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayObservation;
import dev.openkcm.networking.schemas.natgateway.v1.NatGatewaySetup;
import dev.openkcm.networking.schemas.natgateway.v1.NatMember;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPEvent;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPObservation;
import dev.openkcm.networking.vipnat.codec.AddressPoolCodec;
import dev.openkcm.networking.vipnat.codec.NatGatewayCodec;
import dev.openkcm.networking.vipnat.codec.VirtualIpCodec;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolDecider;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayDecider;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpDecider;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * The service on one screen.
 *
 * <pre>
 * commands ──▶ decide VirtualIP, NATGateway ──▶ events, state, results
 *    ▲            │ claims, by family   ▲ grants, by claimant
 *    │            ▼                     │
 *    │         allocate: claims ⋈ pools ┘           (application openkcm.address-pool.allocate)
 *    │            ▲ pools, by family   └──▶ utilisation ──▶ decide AddressPool
 *    │            └── decide AddressPool
 * observations ◀── users: state of interfaces and balancers, by VirtualIP
 *    ▲                └──▶ members, by Network      (application openkcm.virtual-ip.users)
 *    │                        ▼
 *    └──────────────────── serve: members ⋈ gateways ⋈ Networks ──▶ ports, port events
 *                             ▲                     (application openkcm.nat-gateway.serve)
 *                             └── setups, by Network ◀── decide NATGateway
 * port events, events of VirtualIPs, gateways, balancers, interfaces ──▶ owners ──▶ REST
 *                                                   (application openkcm.nat-gateway.owners)
 * </pre>
 */
public final class VipNatTopology {

    /** Wishes for public addresses, by family. */
    public static final String CLAIMS = Kind.topicOf("address-pool", "claims");

    /** What became of them, on the partition of the claimant. */
    public static final String GRANTS = Kind.topicOf("address-pool", "grants");

    /** Who has which ports. */
    public static final String PORTS = Kind.topicOf("nat-gateway", "ports");

    /** Who had which ports when. */
    public static final String PORT_EVENTS = Kind.topicOf("nat-gateway", "port-events");

    /** Internal: pools as they are wished, by family. */
    static final String POOLS = Kind.topicOf("address-pool", "setups");

    /** Internal: interfaces as far as NAT is concerned, by Network. */
    static final String MEMBERS = Kind.topicOf("nat-gateway", "members");

    /** Internal: gateways as they are wished, by Network. */
    static final String GATEWAYS = Kind.topicOf("nat-gateway", "setups");

    /** The application that gives public addresses; it allocates, so it is never reset. */
    public static final String ALLOCATE = "openkcm.address-pool.allocate";

    /** The application that tells VirtualIPs and Networks of interfaces and balancers. */
    public static final String USERS = "openkcm.virtual-ip.users";

    /** The application that gives ports; it allocates, so it is never reset. */
    public static final String SERVE = "openkcm.nat-gateway.serve";

    /** The application that keeps who had what when; it can be reset at any time. */
    public static final String OWNERS = "openkcm.nat-gateway.owners";

    /** Its store, of {@link OwnerRows}. */
    public static final String OWNER_STORE = OwnerView.STORE;

    static final String INTERFACE_EVENTS = Kind.topicOf("network-interface", "events");
    static final String BALANCER_EVENTS = Kind.topicOf("load-balancer", "events");
    static final String NETWORKS = Kind.topicOf("network", "state");
    static final String INTERFACES = Kind.topicOf("network-interface", "state");
    static final String BALANCERS = Kind.topicOf("load-balancer", "state");

    private VipNatTopology() {}

    public static Kind<VirtualIp, VirtualIpCommand, VirtualIpEvent> virtualIps() {
        return new Kind<>(
                "VirtualIP",
                "virtualips",
                "virtual-ip",
                Kind.Naming.LABEL_IN_NAMESPACE,
                new VirtualIpDecider(),
                new VirtualIpCodec());
    }

    public static Kind<NatGateway, NatGatewayCommand, NatGatewayEvent> natGateways() {
        return new Kind<>(
                "NATGateway",
                "natgateways",
                "nat-gateway",
                Kind.Naming.LABEL_IN_NAMESPACE,
                new NatGatewayDecider(),
                new NatGatewayCodec());
    }

    public static Kind<AddressPool, AddressPoolCommand, AddressPoolEvent> addressPools() {
        return new Kind<>(
                "AddressPool",
                "addresspools",
                "address-pool",
                Kind.Naming.LABEL_IN_CLUSTER,
                new AddressPoolDecider(),
                new AddressPoolCodec());
    }

    /** Beside the topics of the kinds and the published rows: internal ones, and what is read. */
    public static List<TopicSpec> topics() {
        return List.of(
                TopicSpec.keptFor(CLAIMS, Duration.ofDays(7)).with(PublicAddressClaim.class),
                TopicSpec.keptFor(POOLS, Duration.ofDays(7)).with(PoolSetup.class),
                TopicSpec.keptFor(MEMBERS, Duration.ofDays(7)).with(NatMember.class),
                TopicSpec.keptFor(GATEWAYS, Duration.ofDays(7)).with(NatGatewaySetup.class),
                TopicSpec.compacted(NETWORKS),
                TopicSpec.compacted(INTERFACES),
                TopicSpec.compacted(BALANCERS),
                TopicSpec.keptForEver(INTERFACE_EVENTS),
                TopicSpec.keptForEver(BALANCER_EVENTS));
    }

    /** The application that gives public addresses. */
    public static Topology allocate(
            Duration quarantine, SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        from(topology, "from-claims", serdes, PublicAddressClaim.class, 1, CLAIMS);
        from(topology, "from-pools", serdes, PoolSetup.class, 1, POOLS);
        topology.addProcessor(
                "give-addresses", () -> new AddressClerk(quarantine), "from-claims", "from-pools");
        topology.addStateStore(DecideTopology.rows(AddressClerk.STORE), "give-addresses");
        StreamPartitioner<String, PublicAddressGrant> byClaimant =
                (_, key, _, partitions) ->
                        Optional.of(
                                Set.of(ByOwner.partition(AddressClerk.claimant(key), partitions)));
        topology.addSink(
                AddressClerk.TO_GRANTS,
                GRANTS,
                new StringSerializer(),
                serdes.of(PublicAddressGrant.class).serializer(),
                byClaimant,
                "give-addresses");
        to(
                topology,
                AddressClerk.TO_POOLS,
                serdes,
                AddressPoolObservation.class,
                Kind.topicOf("address-pool", "observations"),
                "give-addresses");
        return topology;
    }

    /** The application that turns the states of interfaces and balancers around. */
    public static Topology users(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        topology.addSource("from-interfaces", RecordKeys.ofParts(2), anyRecord, INTERFACES);
        topology.addSource("from-balancers", RecordKeys.ofParts(2), anyRecord, BALANCERS);
        topology.addProcessor("find-users", UserJoin::new, "from-interfaces", "from-balancers");
        topology.addStateStore(DecideTopology.rows(UserJoin.STORE), "find-users");
        to(
                topology,
                UserJoin.TO_VIRTUAL_IPS,
                serdes,
                VirtualIPObservation.class,
                Kind.topicOf("virtual-ip", "observations"),
                "find-users");
        to(topology, UserJoin.TO_MEMBERS, serdes, NatMember.class, MEMBERS, "find-users");
        return topology;
    }

    /** The application that gives ports. */
    public static Topology serve(
            Duration quarantine, SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        from(topology, "from-members", serdes, NatMember.class, 2, MEMBERS);
        from(topology, "from-gateways", serdes, NatGatewaySetup.class, 2, GATEWAYS);
        from(topology, "from-networks", serdes, Network.class, 2, NETWORKS);
        topology.addProcessor(
                "give-ports",
                () -> new PortClerk(quarantine),
                "from-members",
                "from-gateways",
                "from-networks");
        topology.addStateStore(DecideTopology.rows(PortClerk.STORE), "give-ports");
        topology.addSink(
                PortClerk.TO_PORTS,
                PORTS,
                new StringSerializer(),
                serdes.of(NatPortRange.class).serializer(),
                new ByOwner<NatPortRange>(),
                "give-ports");
        topology.addSink(
                PortClerk.TO_EVENTS,
                PORT_EVENTS,
                new StringSerializer(),
                serdes.of(NatPortEvent.class).serializer(),
                new ByOwner<NatPortEvent>(),
                "give-ports");
        to(
                topology,
                PortClerk.TO_GATEWAYS,
                serdes,
                NATGatewayObservation.class,
                Kind.topicOf("nat-gateway", "observations"),
                "give-ports");
        return topology;
    }

    /** The application that keeps who had what when. */
    public static Topology owners(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        from(topology, "from-port-events", serdes, NatPortEvent.class, 3, PORT_EVENTS);
        from(
                topology,
                "from-virtual-ip-events",
                serdes,
                VirtualIPEvent.class,
                2,
                virtualIps().events());
        from(
                topology,
                "from-gateway-events",
                serdes,
                NATGatewayEvent.class,
                2,
                natGateways().events());
        from(topology, "from-balancer-events", serdes, LoadBalancerEvent.class, 2, BALANCER_EVENTS);
        from(
                topology,
                "from-interface-events",
                serdes,
                NetworkInterfaceEvent.class,
                2,
                INTERFACE_EVENTS);
        topology.addProcessor(
                "keep-owners",
                OwnerView::new,
                "from-port-events",
                "from-virtual-ip-events",
                "from-gateway-events",
                "from-balancer-events",
                "from-interface-events");
        topology.addStateStore(DecideTopology.viewedRows(OwnerView.STORE), "keep-owners");
        return topology;
    }

    private static <T extends SpecificRecord> void from(
            Topology topology,
            String name,
            SerdeFactory serdes,
            Class<T> type,
            int keyParts,
            String topic) {
        topology.addSource(
                name, RecordKeys.ofParts(keyParts), serdes.of(type).deserializer(), topic);
    }

    private static <T extends SpecificRecord> void to(
            Topology topology,
            String name,
            SerdeFactory serdes,
            Class<T> type,
            String topic,
            String parent) {
        topology.addSink(name, topic, new StringSerializer(), serdes.of(type).serializer(), parent);
    }
}
