package dev.openkcm.networking.policy.domain;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.LabelSelector.Operator;
import dev.openkcm.networking.kernel.LabelSelector.Requirement;
import dev.openkcm.networking.kernel.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a NetworkPolicy, as the sender wrote it.
 *
 * @param network the name of the Network, in the own namespace
 * @param appliesTo which interfaces it applies to; null is refused, so that nobody selects every
 *     interface by forgetting a line
 */
public record PolicySpec(
        String network,
        @Nullable Labels appliesTo,
        List<String> policyTypes,
        List<Rule> ingress,
        List<Rule> egress) {

    public static final String DEFAULT_PROTOCOL = "TCP";

    /** Allows traffic with one of the peers, or with everyone when there are none. */
    public record Rule(List<Port> ports, List<Peer> peers) {
        public Rule {
            ports = List.copyOf(ports);
            peers = List.copyOf(peers);
        }
    }

    /** Destination ports: all of the protocol, one, or a range. */
    public record Port(String protocol, @Nullable Integer port, @Nullable Integer endPort) {}

    /** The other end, in exactly one of two forms. */
    public record Peer(@Nullable Block block, @Nullable Selected selected) {}

    /** A range of addresses without some. */
    public record Block(String cidr, List<String> except) {
        public Block {
            except = List.copyOf(except);
        }
    }

    /** Resources of a kind by their labels. */
    public record Selected(String kind, Labels labels) {}

    /** A label selector as written. */
    public record Labels(SortedMap<String, String> matchLabels, List<Expression> expressions) {
        public Labels {
            matchLabels = Meta.sorted(matchLabels);
            expressions = List.copyOf(expressions);
        }

        /** The same, ready to match; only of labels that were found valid. */
        public LabelSelector selector() {
            var requirements = new ArrayList<Requirement>();
            matchLabels.forEach((key, value) ->
                    requirements.add(
                            new Requirement(key, Operator.In, new TreeSet<>(List.of(value)))));
            for (var expression : expressions) {
                requirements.add(
                        new Requirement(
                                expression.key(),
                                Operator.valueOf(expression.operator()),
                                new TreeSet<>(expression.values())));
            }
            return new LabelSelector(requirements);
        }
    }

    /** One requirement of a selector, as written. */
    public record Expression(String key, String operator, List<String> values) {
        public Expression {
            values = List.copyOf(values);
        }
    }

    public PolicySpec {
        policyTypes = List.copyOf(policyTypes);
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }

    public List<Rule> rules(Direction direction) {
        return direction == Direction.Ingress ? ingress : egress;
    }

    /** Whether the interfaces that the policy applies to are isolated in the direction. */
    public boolean isolates(Direction direction) {
        return policyTypes.contains(direction.name());
    }

    /**
     * The same with the directions that have rules among the types, then sorted, and with the
     * protocol where none was given. Types that are complete stay as they are, and so do types that
     * are to be refused.
     */
    PolicySpec withDefaults() {
        var types = new ArrayList<>(policyTypes);
        for (var direction : Direction.values()) {
            if (!rules(direction).isEmpty() && !isolates(direction)) {
                types.add(direction.name());
            }
        }
        boolean completed = types.size() > policyTypes.size();
        boolean valid =
                types.stream().distinct().count() == types.size()
                        && types.stream().allMatch(PolicyValidation::isType);
        if (completed && valid) {
            types.sort(null);
        }
        return new PolicySpec(
                network, appliesTo, types, withProtocols(ingress), withProtocols(egress));
    }

    private static List<Rule> withProtocols(List<Rule> rules) {
        return rules.stream()
                .map(r ->
                        new Rule(
                                r.ports().stream().map(PolicySpec::withProtocol).toList(),
                                r.peers()))
                .toList();
    }

    private static Port withProtocol(Port port) {
        return port.protocol().isEmpty()
                ? new Port(DEFAULT_PROTOCOL, port.port(), port.endPort())
                : port;
    }
}
