package dev.openkcm.networking.policy.codec;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.NetworkFact;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.engine.Estate;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.PortSet;
import dev.openkcm.networking.policy.engine.Protocol;
import dev.openkcm.networking.policy.engine.VirtualIp;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** What policies must know of the states of other kinds. */
public final class States {

    private static final String AVAILABLE = "Available";

    private States() {}

    /** An interface may be selected whatever its state, but has addresses only while Available. */
    public static Optional<Member> networkInterface(
            ResourceKey key, @Nullable GenericRecord state) {
        var document = new Document(state);
        var addresses = new ArrayList<>(document.texts("status.ips"));
        addresses.addAll(document.texts("status.prefixes"));
        return member(
                MemberKind.NetworkInterface,
                key,
                document,
                isAvailable(document) ? cidrs(addresses) : List.of());
    }

    /**
     * The same of the row by which interfaces are known in their Network.
     *
     * @param key {@code <namespace>/<network>/<name>}
     */
    public static Member networkInterface(String key, NetworkMember row) {
        var addresses = new ArrayList<String>();
        if (row.getState() == NetworkInterfaceState.Available) {
            addresses.addAll(row.getIps());
            addresses.addAll(row.getPrefixes());
        }
        return new Member(
                MemberKind.NetworkInterface,
                ResourceKey.parse(key.substring(0, key.lastIndexOf('/'))),
                row.getName(),
                row.getUid(),
                row.getVersion(),
                Meta.sorted(row.getLabels()),
                cidrs(addresses));
    }

    /** A balancer has the addresses that it has, whatever its state. */
    public static Optional<Member> loadBalancer(ResourceKey key, @Nullable GenericRecord state) {
        var document = new Document(state);
        return member(MemberKind.LoadBalancer, key, document, cidrs(document.texts("status.ips")));
    }

    private static Optional<Member> member(
            MemberKind kind, ResourceKey key, Document document, List<Cidr> addresses) {
        String network = document.text("spec.networkRef.name");
        return network.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Member(
                                kind,
                                key.sibling(network),
                                key.name(),
                                document.text("metadata.uid"),
                                document.number("metadata.resourceVersion"),
                                document.map("metadata.labels"),
                                addresses));
    }

    public static Optional<VirtualIp> virtualIp(ResourceKey key, @Nullable GenericRecord state) {
        if (state == null) {
            return Optional.empty();
        }
        var document = new Document(state);
        String target = document.text("status.targetRef.name");
        return Optional.of(
                new VirtualIp(
                        key,
                        document.text("metadata.uid"),
                        document.number("metadata.resourceVersion"),
                        document.map("metadata.labels"),
                        cidr(document.text("status.ip")).orElse(null),
                        kind(document.text("status.targetRef.kind")).orElse(null),
                        target.isEmpty() ? null : target));
    }

    private static Optional<MemberKind> kind(String name) {
        return Arrays.stream(MemberKind.values()).filter(k -> k.name().equals(name)).findFirst();
    }

    public static NetworkFact network(@Nullable GenericRecord state) {
        if (state == null) {
            return NetworkFact.Missing;
        }
        return switch (new Document(state).text("status.state")) {
            case AVAILABLE -> NetworkFact.Available;
            case "Deleting" -> NetworkFact.Deleting;
            default -> NetworkFact.Pending;
        };
    }

    /** The Networks with which routes are exchanged. */
    public static List<ResourceKey> peers(ResourceKey network, @Nullable GenericRecord state) {
        var document = new Document(state);
        var ready = new ArrayList<String>();
        for (var peering : document.parts("status.peerings")) {
            if (peering.text("state").equals("Ready")) {
                ready.add(peering.text("name"));
            }
        }
        var peers = new ArrayList<ResourceKey>();
        for (var peering : document.parts("spec.peerings")) {
            if (ready.contains(peering.text("name"))) {
                String namespace = peering.text("networkRef.namespace");
                peers.add(
                        new ResourceKey(
                                namespace.isEmpty() ? network.namespace() : namespace,
                                peering.text("networkRef.name")));
            }
        }
        return peers;
    }

    /** How a balancer passes on what it gets; only of one that is a member. */
    public static Estate.Balancing balancing(@Nullable GenericRecord state) {
        var document = new Document(state);
        var ports = new ArrayList<PortSet.Range>();
        for (var port : document.parts("spec.ports")) {
            var protocol = Protocol.of(port.text("protocol")).orElse(Protocol.TCP);
            int first = (int) port.number("port");
            ports.add(
                    new PortSet.Range(
                            protocol, first, Math.max(first, (int) port.number("endPort"))));
        }
        var selector = document.part("spec.networkInterfaceSelector");
        return new Estate.Balancing(
                PortSet.of(ports), selector.record() == null ? null : selector(selector));
    }

    private static LabelSelector selector(Document selector) {
        var expressions = new ArrayList<PolicySpec.Expression>();
        for (var expression : selector.parts("matchExpressions")) {
            expressions.add(
                    new PolicySpec.Expression(
                            expression.text("key"),
                            expression.text("operator"),
                            expression.texts("values")));
        }
        return new PolicySpec.Labels(selector.map("matchLabels"), expressions).selector();
    }

    /** The public address that a gateway lends an interface. */
    public static Optional<Cidr> gatewayAddress(@Nullable GenericRecord row) {
        return cidr(new Document(row).text("publicIP"));
    }

    private static boolean isAvailable(Document document) {
        return document.text("status.state").equals(AVAILABLE);
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(States::cidr).flatMap(Optional::stream).toList();
    }

    private static Optional<Cidr> cidr(String text) {
        return text.indexOf('/') < 0 ? Cidr.parseAddress(text) : Cidr.parse(text);
    }
}
