package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.network.codec.NetworkCodec;
import dev.openkcm.networking.network.domain.Network;
import dev.openkcm.networking.network.domain.NetworkCommand;
import dev.openkcm.networking.network.domain.NetworkDecider;
import dev.openkcm.networking.network.domain.NetworkEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.PeeredAddresses;
import dev.openkcm.networking.schemas.network.v1.PeeringIntent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;

/**
 * The service on one screen.
 *
 * <pre>
 * commands ──▶ decide ──▶ events, state, results          (application openkcm.network.decide)
 *    ▲            └─────▶ peering intents, by target
 * observations ◀── peers: intents ⋈ state                 (application openkcm.network.observe)
 *              ◀── users: state of interfaces, balancers, gateways, policies, by Network
 *              ◀── overlaps: members of Networks, then by two bound Networks
 * </pre>
 */
public final class NetworkTopology {

    /** Internal: who wishes to peer with the Network of the key. */
    public static final String PEERING_INTENTS = Kind.topicOf("network", "peering-intents");

    /** What interfaces hold, on the partition of their Network; published by their service. */
    static final String MEMBERS = Kind.topicOf("network-interface", "members");

    /** Internal: what interfaces hold in the two bound Networks of the key. */
    public static final String PEERED_ADDRESSES = Kind.topicOf("network", "peered-addresses");

    /** The application that joins Networks with their peers and their users. */
    public static final String OBSERVE = "openkcm.network.observe";

    /** The store of that application; each join has a part of it. */
    static final String OBSERVED = "network-observed";

    /** The kinds whose spec refers to a Network, by entity. */
    static final Map<String, String> USING_KINDS =
            Map.of(
                    "network-interface", "NetworkInterface",
                    "load-balancer", "LoadBalancer",
                    "nat-gateway", "NATGateway",
                    "network-policy", "NetworkPolicy");

    private NetworkTopology() {}

    public static Kind<Network, NetworkCommand, NetworkEvent> kind(String systemNamespace) {
        return new Kind<>(
                "Network",
                "networks",
                "network",
                Kind.Naming.SUBDOMAIN_IN_NAMESPACE,
                new NetworkDecider(systemNamespace),
                new NetworkCodec());
    }

    /** Beside the topics of the kind: the own internal one, and those that are read. */
    public static List<TopicSpec> topics() {
        var topics = new ArrayList<TopicSpec>();
        topics.add(
                TopicSpec.keptFor(PEERING_INTENTS, Duration.ofDays(7)).with(PeeringIntent.class));
        topics.add(TopicSpec.compacted(MEMBERS));
        topics.add(
                TopicSpec.keptFor(PEERED_ADDRESSES, Duration.ofDays(7))
                        .with(PeeredAddresses.class));
        USING_KINDS.keySet().stream()
                .sorted()
                .forEach(e -> topics.add(TopicSpec.compacted(Kind.topicOf(e, "state"))));
        return topics;
    }

    /** The observing application. */
    public static Topology observe(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        addNetworks(topology, serdes);
        addPeers(topology, serdes);
        addOverlaps(topology, serdes);
        addUsers(topology, serdes, anyRecord);
        topology.addStateStore(
                DecideTopology.rows(OBSERVED),
                "join-peers",
                "join-networks",
                "find-overlaps",
                "find-users");
        return topology;
    }

    /** Both sources are keyed by the Network referred to, so they meet on one partition. */
    private static void addPeers(Topology topology, SerdeFactory serdes) {
        topology.addSource(
                "from-peering-intents",
                RecordKeys.ofParts(2),
                serdes.of(PeeringIntent.class).deserializer(),
                PEERING_INTENTS);
        topology.addProcessor("join-peers", PeerJoin::new, "from-peering-intents", "from-networks");
        addObservations(topology, "to-peer-observations", serdes, "join-peers");
    }

    private static void addUsers(
            Topology topology, SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var sources = new ArrayList<String>();
        for (String entity : USING_KINDS.keySet().stream().sorted().toList()) {
            sources.add("from-" + entity);
            topology.addSource(
                    "from-" + entity,
                    RecordKeys.ofParts(2),
                    anyRecord,
                    Kind.topicOf(entity, "state"));
        }
        topology.addProcessor("find-users", UserJoin::new, sources.toArray(String[]::new));
        addObservations(topology, "to-user-observations", serdes, "find-users");
    }

    /** Two steps, each by a key that brings together what it joins. */
    private static void addOverlaps(Topology topology, SerdeFactory serdes) {
        topology.addSource(
                "from-members",
                RecordKeys.ofParts(3),
                serdes.of(NetworkMember.class).deserializer(),
                MEMBERS);
        topology.addProcessor(
                "join-networks", PeeredAddressesJoin::new, "from-members", "from-networks");
        var peered = serdes.of(PeeredAddresses.class);
        topology.addSink(
                "to-peered-addresses",
                PEERED_ADDRESSES,
                new StringSerializer(),
                peered.serializer(),
                "join-networks");

        topology.addSource(
                "from-peered-addresses",
                RecordKeys.ofParts(3),
                peered.deserializer(),
                PEERED_ADDRESSES);
        topology.addProcessor("find-overlaps", OverlapJoin::new, "from-peered-addresses");
        addObservations(topology, "to-overlap-observations", serdes, "find-overlaps");
    }

    /** The same Networks for those that join them by their key. */
    private static void addNetworks(Topology topology, SerdeFactory serdes) {
        topology.addSource(
                "from-networks",
                RecordKeys.ofParts(2),
                serdes.of(dev.openkcm.networking.schemas.network.v1.Network.class).deserializer(),
                Kind.topicOf("network", "state"));
    }

    private static void addObservations(
            Topology topology, String name, SerdeFactory serdes, String parent) {
        topology.addSink(
                name,
                Kind.topicOf("network", "observations"),
                new StringSerializer(),
                serdes.of(NetworkObservation.class).serializer(),
                parent);
    }
}
