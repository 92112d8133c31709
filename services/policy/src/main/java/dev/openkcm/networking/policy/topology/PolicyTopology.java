package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.ByOwner;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.NetworkPolicyDecider;
import dev.openkcm.networking.policy.domain.PolicyCommand;
import dev.openkcm.networking.policy.domain.PolicyEvent;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyObservation;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyIntent;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * The service on one screen.
 *
 * <pre>
 * commands ──▶ decide ──▶ events, state, results       (application openkcm.network-policy.decide)
 *    ▲            └─────▶ intents, by Network ──┐
 *    │   balancers, VirtualIPs                  │
 *    │            └─▶ members, by Network ──────┤      (application openkcm.network-policy.members)
 *    │                   interfaces, Networks ──┤
 * observations ◀──────────────────── compile ◀──┘      (application openkcm.network-policy.compile)
 *                                       └──▶ rules, groups
 * </pre>
 */
public final class PolicyTopology {

    /** Internal: policies under {@code <namespace>/<network>/<policy>}, by Network. */
    public static final String INTENTS = Kind.topicOf("network-policy", "intents");

    /** Internal: the balancers and VirtualIPs that policies select, by Network. */
    public static final String MEMBERS = Kind.topicOf("network-policy", "members");

    /** Published: the compiled rules of each policy. */
    public static final String RULES = Kind.topicOf("network-policy", "rules");

    /** Published: who is in the groups that rules refer to. */
    public static final String GROUPS = Kind.topicOf("network-policy", "groups");

    /** Read: interfaces, by Network. */
    public static final String INTERFACES = Kind.topicOf("network-interface", "members");

    /** Read: the public addresses that interfaces borrow. */
    public static final String GATEWAY_PORTS = Kind.topicOf("nat-gateway", "ports");

    /** The application that keys balancers and VirtualIPs by Network. */
    public static final String FEED = "openkcm.network-policy.members";

    /** The application that compiles. */
    public static final String COMPILE = "openkcm.network-policy.compile";

    static final String TO_RULES = "to-rules";
    static final String TO_GROUPS = "to-groups";

    private static final String TO_OBSERVATIONS = "to-observations";
    private static final String NETWORKS = Kind.topicOf("network", "state");
    private static final String OBSERVATIONS = Kind.topicOf("network-policy", "observations");

    /** The entities whose states the service reads. */
    private static final List<String> SELECTED =
            List.of("network-interface", "load-balancer", "virtual-ip");

    /** Of these, the ones that nobody else keys by Network. */
    private static final List<String> FED = List.of("load-balancer", "virtual-ip");

    private PolicyTopology() {}

    public static Kind<NetworkPolicy, PolicyCommand, PolicyEvent> kind() {
        return new Kind<>(
                "NetworkPolicy",
                "networkpolicies",
                "network-policy",
                Kind.Naming.SUBDOMAIN_IN_NAMESPACE,
                new NetworkPolicyDecider(),
                new NetworkPolicyCodec());
    }

    /** Beside the topics of the kind and the published rows. */
    public static List<TopicSpec> topics() {
        var topics = new ArrayList<TopicSpec>();
        topics.add(TopicSpec.keptFor(INTENTS, Duration.ofDays(7)).with(PolicyIntent.class));
        topics.add(TopicSpec.keptFor(MEMBERS, Duration.ofDays(7)).with(PolicyMember.class));
        topics.add(TopicSpec.compacted(INTERFACES).with(NetworkMember.class));
        topics.add(TopicSpec.compacted(NETWORKS));
        topics.add(TopicSpec.compacted(GATEWAY_PORTS));
        SELECTED.forEach(e -> topics.add(TopicSpec.compacted(Kind.topicOf(e, "state"))));
        return topics;
    }

    /** The application that keys balancers and VirtualIPs by Network. */
    public static Topology members(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        var sources = new ArrayList<String>();
        for (String entity : FED) {
            sources.add("from-" + entity);
            topology.addSource(
                    "from-" + entity,
                    RecordKeys.ofParts(2),
                    anyRecord,
                    Kind.topicOf(entity, "state"));
        }
        topology.addProcessor("feed-members", MemberFeed::new, sources.toArray(String[]::new));
        topology.addStateStore(DecideTopology.rows(MemberFeed.STORE), "feed-members");
        topology.addSink(
                "to-members",
                MEMBERS,
                new StringSerializer(),
                serdes.of(PolicyMember.class).serializer(),
                (StreamPartitioner<String, PolicyMember>)
                        (_, key, _, partitions) -> Optional.of(partitionsOf(key, partitions)),
                "feed-members");
        return topology;
    }

    /**
     * A member lies with its Network. A VirtualIP names no Network and lies everywhere: whoever has
     * the interface or balancer that uses it knows what to do with it.
     */
    private static Set<Integer> partitionsOf(String memberKey, int partitions) {
        if (!memberKey.startsWith(MemberKind.VirtualIP + "/")) {
            return Set.of(ByOwner.partition(networkOf(memberKey).toString(), partitions));
        }
        var all = new HashSet<Integer>();
        for (int i = 0; i < partitions; i++) {
            all.add(i);
        }
        return all;
    }

    /** Of the key {@code <kind>/<namespace>/<network>/<name>} of a balancer. */
    static ResourceKey networkOf(String memberKey) {
        return ResourceKey.parse(
                memberKey.substring(memberKey.indexOf('/') + 1, memberKey.lastIndexOf('/')));
    }

    /** The application that compiles. All its sources are keyed by the Network. */
    public static Topology compile(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord) {
        var topology = new Topology();
        topology.addSource(
                "from-intents",
                RecordKeys.ofParts(3),
                serdes.of(PolicyIntent.class).deserializer(),
                INTENTS);
        topology.addSource(
                "from-members",
                RecordKeys.ofParts(3, 4),
                serdes.of(PolicyMember.class).deserializer(),
                MEMBERS);
        topology.addSource(
                "from-interfaces",
                RecordKeys.ofParts(3),
                serdes.of(NetworkMember.class).deserializer(),
                INTERFACES);
        topology.addSource("from-networks", RecordKeys.ofParts(2), anyRecord, NETWORKS);
        topology.addProcessor(
                "compile",
                () ->
                        new Compiler(
                                serdes.of(PolicyIntent.class),
                                serdes.of(NetworkMember.class),
                                serdes.of(PolicyMember.class),
                                TO_OBSERVATIONS),
                "from-intents",
                "from-interfaces",
                "from-members",
                "from-networks");
        topology.addStateStore(DecideTopology.rows(Compiler.STORE), "compile");
        topology.addSink(
                TO_RULES,
                RULES,
                new StringSerializer(),
                serdes.of(Rule.class).serializer(),
                new ByOwner<>(),
                "compile");
        topology.addSink(
                TO_GROUPS,
                GROUPS,
                new StringSerializer(),
                serdes.of(GroupMember.class).serializer(),
                new ByOwner<>(),
                "compile");
        topology.addSink(
                TO_OBSERVATIONS,
                OBSERVATIONS,
                new StringSerializer(),
                serdes.of(NetworkPolicyObservation.class).serializer(),
                "compile");
        return topology;
    }
}
