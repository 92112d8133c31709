package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.loadbalancer.codec.LoadBalancerCodec;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerDecider;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.time.Duration;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;

/**
 * The service on one screen.
 *
 * <pre>
 * commands ───────────▶ decide ──▶ events, state, results (application openkcm.load-balancer.decide)
 * observations ────────▶  │ └───▶ claims: to the address book of the Network, to the public pools
 * answers, grants ─────▶  ▼
 *                     balancers, by Network ─┐
 * members (interfaces), by Network ──────────┴▶ route ──▶ destinations (openkcm.load-balancer.route)
 * destinations withdrawn ──▶ observations
 * VirtualIPs, by target ───▶ observations
 * </pre>
 */
public final class LoadBalancerTopology {

    /** A row per destination, on the partition of its balancer. */
    public static final String ROUTING = Kind.topicOf("load-balancer", "routing");

    /** Internal: what the routing needs of balancers, on the partitions of their Networks. */
    public static final String BALANCERS = Kind.topicOf("load-balancer", "balancers");

    /** The application that routes, and that turns VirtualIPs around. */
    public static final String ROUTE = "openkcm.load-balancer.route";

    public static final String MEMBERS = Kind.topicOf("network-interface", "members");

    static final String NETWORK_CLAIMS = Kind.topicOf("network-interface", "address-claims");
    static final String NETWORK_ANSWERS = Kind.topicOf("network-interface", "address-answers");
    static final String POOL_CLAIMS = Kind.topicOf("address-pool", "claims");
    static final String POOL_GRANTS = Kind.topicOf("address-pool", "grants");

    private static final String VIRTUAL_IPS = Kind.topicOf("virtual-ip", "state");
    private static final String OBSERVATIONS = Kind.topicOf("load-balancer", "observations");

    private LoadBalancerTopology() {}

    public static Kind<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> kind() {
        return new Kind<>(
                "LoadBalancer",
                "loadbalancers",
                "load-balancer",
                Kind.Naming.SUBDOMAIN_IN_NAMESPACE,
                new LoadBalancerDecider(),
                new LoadBalancerCodec());
    }

    /** Beside the topics of the kind and the routing: the own internal one, and those of others. */
    public static List<TopicSpec> topics() {
        return List.of(
                TopicSpec.compacted(BALANCERS).with(BalancerRow.class),
                TopicSpec.compacted(MEMBERS),
                TopicSpec.keptFor(NETWORK_CLAIMS, Duration.ofDays(7)).with(AddressClaim.class),
                TopicSpec.keptFor(NETWORK_ANSWERS, Duration.ofDays(7)),
                TopicSpec.keptFor(POOL_CLAIMS, Duration.ofDays(7)).with(PublicAddressClaim.class),
                TopicSpec.compacted(POOL_GRANTS),
                TopicSpec.compacted(VIRTUAL_IPS));
    }

    /** The application of the routing and of the VirtualIPs. */
    public static Topology route(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        topology.addSource(
                "from-members",
                RecordKeys.ofParts(3),
                serdes.of(NetworkMember.class).deserializer(),
                MEMBERS);
        topology.addSource(
                "from-balancers",
                RecordKeys.ofParts(3),
                serdes.of(BalancerRow.class).deserializer(),
                BALANCERS);
        topology.addProcessor("route", RoutingProcessor::new, "from-members", "from-balancers");
        topology.addSink(
                RoutingProcessor.ROWS,
                ROUTING,
                new StringSerializer(),
                serdes.of(LoadBalancerDestination.class).serializer(),
                new ByOwner<LoadBalancerDestination>(),
                "route");
        topology.addSink(
                RoutingProcessor.OBSERVATIONS,
                OBSERVATIONS,
                new StringSerializer(),
                serdes.of(LoadBalancerObservation.class).serializer(),
                "route");

        topology.addSource("from-virtual-ips", RecordKeys.ofParts(2), anyRecord, VIRTUAL_IPS);
        topology.addProcessor("join-virtual-ips", VirtualIpJoin::new, "from-virtual-ips");
        topology.addStateStore(
                DecideTopology.rows(RoutingProcessor.STORE), "route", "join-virtual-ips");
        topology.addSink(
                "to-virtual-ip-observations",
                OBSERVATIONS,
                new StringSerializer(),
                serdes.of(LoadBalancerObservation.class).serializer(),
                "join-virtual-ips");
        return topology;
    }
}
