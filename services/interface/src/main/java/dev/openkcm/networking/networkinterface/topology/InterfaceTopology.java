package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.networkinterface.codec.NetworkInterfaceCodec;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface;
import dev.openkcm.networking.networkinterface.domain.NetworkInterfaceDecider;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPReference;
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
 * commands ──▶ decide ──▶ events, state, results   (application openkcm.network-interface.decide)
 *    ▲            └─────▶ claims, by Network; members, by Network
 * observations ◀── address book: claims ⋈ Networks (application openkcm.network-interface.addresses)
 *              ◀── references ⋈ VirtualIPs, by target and by who waits
 *              ◀── ports of NATGateways, by interface
 * answers to claimants of other kinds ◀── address book
 * </pre>
 */
public final class InterfaceTopology {

    /** What interfaces, and claimants of other kinds, claim in the Network of the key. */
    public static final String CLAIMS = Kind.topicOf("network-interface", "address-claims");

    /** Internal: which interfaces name the VirtualIP of the key. */
    static final String REFERENCES = Kind.topicOf("network-interface", "virtual-ip-references");

    /** What claimants of other kinds are told, by their key. */
    public static final String ANSWERS = Kind.topicOf("network-interface", "address-answers");

    /** A row per interface, on the partition of its Network. */
    public static final String MEMBERS = Kind.topicOf("network-interface", "members");

    /** The application that gives addresses. It allocates, so it is never reset either. */
    public static final String ADDRESSES = "openkcm.network-interface.addresses";

    /** The store of that application: the address books, and who names which VirtualIP. */
    static final String ADDRESSES_STORE = "network-interface-addresses";

    private static final String NETWORKS = Kind.topicOf("network", "state");
    private static final String VIRTUAL_IPS = Kind.topicOf("virtual-ip", "state");
    private static final String NAT_PORTS = Kind.topicOf("nat-gateway", "ports");
    private static final String OBSERVATIONS = Kind.topicOf("network-interface", "observations");

    private InterfaceTopology() {}

    public static Kind<NetworkInterface, InterfaceCommand, InterfaceEvent> kind() {
        return new Kind<>(
                "NetworkInterface",
                "networkinterfaces",
                "network-interface",
                Kind.Naming.SUBDOMAIN_IN_NAMESPACE,
                new NetworkInterfaceDecider(),
                new NetworkInterfaceCodec());
    }

    /** Beside the topics of the kind: the own internal ones, and those that are read. */
    public static List<TopicSpec> topics() {
        return List.of(
                TopicSpec.keptFor(CLAIMS, Duration.ofDays(7)).with(AddressClaim.class),
                TopicSpec.keptFor(REFERENCES, Duration.ofDays(7)).with(VirtualIPReference.class),
                TopicSpec.compacted(NETWORKS),
                TopicSpec.compacted(VIRTUAL_IPS),
                TopicSpec.compacted(NAT_PORTS));
    }

    /** The application of the address book, of the VirtualIPs and of the ports. */
    public static Topology addresses(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        topology.addSource(
                "from-claims",
                RecordKeys.ofParts(2),
                serdes.of(AddressClaim.class).deserializer(),
                CLAIMS);
        topology.addSource(
                "from-networks",
                RecordKeys.ofParts(2),
                serdes.of(Network.class).deserializer(),
                NETWORKS);
        topology.addProcessor("keep-addresses", AddressClerk::new, "from-claims", "from-networks");
        addObservations(topology, AddressClerk.TO_INTERFACES, serdes, "keep-addresses");
        topology.addSink(
                AddressClerk.TO_OTHERS,
                ANSWERS,
                new StringSerializer(),
                serdes.of(AddressAnswer.class).serializer(),
                "keep-addresses");

        topology.addSource("from-virtual-ips", RecordKeys.ofParts(2), anyRecord, VIRTUAL_IPS);
        topology.addSource(
                "from-references",
                RecordKeys.ofParts(2),
                serdes.of(VirtualIPReference.class).deserializer(),
                REFERENCES);
        topology.addProcessor(
                "join-virtual-ips", VirtualIpJoin::new, "from-virtual-ips", "from-references");
        topology.addStateStore(
                DecideTopology.rows(ADDRESSES_STORE), "keep-addresses", "join-virtual-ips");
        addObservations(topology, "to-virtual-ip-observations", serdes, "join-virtual-ips");

        topology.addSource(
                "from-nat-ports",
                RecordKeys.ofParts(3),
                serdes.of(NatPortRange.class).deserializer(),
                NAT_PORTS);
        topology.addProcessor("join-nat-ports", NatJoin::new, "from-nat-ports");
        addObservations(topology, "to-nat-observations", serdes, "join-nat-ports");
        return topology;
    }

    private static void addObservations(
            Topology topology, String name, SerdeFactory serdes, String parent) {
        topology.addSink(
                name,
                OBSERVATIONS,
                new StringSerializer(),
                serdes.of(NetworkInterfaceObservation.class).serializer(),
                parent);
    }
}
