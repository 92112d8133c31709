package dev.openkcm.networking.policy.domain;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.LabelSelector.Operator;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.policy.domain.PolicySpec.Block;
import dev.openkcm.networking.policy.domain.PolicySpec.Expression;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.domain.PolicySpec.Peer;
import dev.openkcm.networking.policy.domain.PolicySpec.Port;
import dev.openkcm.networking.policy.domain.PolicySpec.Rule;
import dev.openkcm.networking.policy.domain.PolicySpec.Selected;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What is wrong with a NetworkPolicy that somebody wants, all of it. */
final class PolicyValidation {

    private static final int MAX_RULES = 500;
    private static final int MAX_PEERS = 500;
    private static final int MAX_PORTS = 100;

    /** Each may split its block into as many ranges as an address has bits. */
    private static final int MAX_EXCEPTS = 64;

    private static final int MAX_REQUIREMENTS = 64;
    private static final int MAX_VALUES = 500;
    private static final int LAST_PORT = 65535;
    private static final List<String> PROTOCOLS = List.of("TCP", "UDP", "SCTP");
    private static final List<String> PEER_KINDS =
            List.of("NetworkInterface", "LoadBalancer", "VirtualIP");

    private final Validation causes = new Validation();

    private PolicyValidation() {}

    /** Of a spec whose defaults are filled in. */
    static List<Cause> causes(NetworkPolicy before, PolicyCommand.Apply apply) {
        var validation = new PolicyValidation();
        validation.causes.metadata(apply.labels(), apply.annotations());
        validation.spec(apply.spec());
        if (before instanceof NetworkPolicy.Present present
                && !present.spec().network().equals(apply.spec().network())) {
            validation.causes.forbidden("spec.networkRef", "field is immutable");
        }
        return validation.causes.causes();
    }

    static boolean isType(String type) {
        return Arrays.stream(Direction.values()).anyMatch(d -> d.name().equals(type));
    }

    private void spec(PolicySpec spec) {
        if (spec.network().isEmpty()) {
            causes.required("spec.networkRef", "must name the Network");
        } else {
            causes.dnsSubdomain("spec.networkRef.name", spec.network());
        }
        if (spec.appliesTo() == null) {
            causes.required(
                    "spec.networkInterfaceSelector",
                    "must say which interfaces the policy applies to; {} means every interface of"
                            + " the Network");
        } else {
            labels("spec.networkInterfaceSelector", spec.appliesTo());
        }
        types(spec.policyTypes());
        for (var direction : Direction.values()) {
            var rules = spec.rules(direction);
            causes.atMost(direction.rulesField(), rules.size(), MAX_RULES);
            for (int i = 0; i < rules.size(); i++) {
                rule(direction, "%s[%d]".formatted(direction.rulesField(), i), rules.get(i));
            }
        }
    }

    private void types(List<String> types) {
        if (types.isEmpty()) {
            causes.required(
                    "spec.policyTypes",
                    "must name Ingress, Egress or both when there are no rules");
        }
        Set<String> seen = Validation.seen();
        for (int i = 0; i < types.size(); i++) {
            String path = "spec.policyTypes[%d]".formatted(i);
            if (isType(types.get(i))) {
                causes.unique(path, types.get(i), seen, "the type");
            } else {
                causes.notSupported(
                        path, "must be Ingress or Egress, is " + Texts.quoted(types.get(i)));
            }
        }
    }

    private void rule(Direction direction, String path, Rule rule) {
        if (rule.ports().isEmpty()) {
            causes.required(
                    path + ".ports",
                    "must be given, since a rule allows the ports that it names and no others; to"
                            + " allow all ports of a protocol, name the protocol without a port:"
                            + " ports: [{protocol: TCP}]");
        }
        causes.atMost(path + ".ports", rule.ports().size(), MAX_PORTS);
        for (int i = 0; i < rule.ports().size(); i++) {
            port("%s.ports[%d]".formatted(path, i), rule.ports().get(i));
        }
        String peers = path + "." + direction.peersField();
        causes.atMost(peers, rule.peers().size(), MAX_PEERS);
        for (int i = 0; i < rule.peers().size(); i++) {
            peer("%s[%d]".formatted(peers, i), rule.peers().get(i));
        }
    }

    private void port(String path, Port port) {
        if (!PROTOCOLS.contains(port.protocol())) {
            causes.notSupported(
                    path + ".protocol",
                    "must be TCP, UDP or SCTP, is " + Texts.quoted(port.protocol()));
        }
        Integer first = port.port();
        Integer last = port.endPort();
        if (first != null && (first < 1 || first > LAST_PORT)) {
            causes.invalid(path + ".port", "must be from 1 to 65535, is " + first);
        }
        if (last == null) {
            return;
        }
        if (first == null) {
            causes.forbidden(path + ".endPort", "can't be given without port");
        } else if (last > LAST_PORT) {
            causes.invalid(path + ".endPort", "must be at most 65535, is " + last);
        } else if (last < first) {
            causes.forbidden(
                    path + ".endPort", "must not be below port %d, is %d".formatted(first, last));
        }
    }

    private void peer(String path, Peer peer) {
        if (peer.block() == null && peer.selected() == null) {
            causes.required(
                    path,
                    "must have an ipBlock or an objectSelector; for everyone, leave the list out");
        }
        if (peer.block() != null && peer.selected() != null) {
            causes.forbidden(path + ".ipBlock", "can't be given together with objectSelector");
        }
        if (peer.block() != null) {
            block(path + ".ipBlock", peer.block());
        }
        if (peer.selected() != null) {
            selected(path + ".objectSelector", peer.selected());
        }
    }

    private void block(String path, Block block) {
        var cidr = Cidr.parse(block.cidr());
        if (block.cidr().isEmpty()) {
            causes.required(path + ".cidr", "must be given");
        } else if (cidr.isEmpty()) {
            causes.invalid(path + ".cidr", notARange(block.cidr()));
        }
        causes.atMost(path + ".except", block.except().size(), MAX_EXCEPTS);
        for (int i = 0; i < block.except().size(); i++) {
            String at = "%s.except[%d]".formatted(path, i);
            var except = Cidr.parse(block.except().get(i));
            if (except.isEmpty()) {
                causes.invalid(at, notARange(block.except().get(i)));
            } else if (cidr.isPresent() && !cidr.get().contains(except.get())) {
                causes.forbidden(
                        at, "%s is not within %s".formatted(block.except().get(i), block.cidr()));
            }
        }
    }

    private static String notARange(String text) {
        return Texts.quoted(text) + " is not a range in CIDR notation with zero host bits";
    }

    private void selected(String path, Selected selected) {
        if (selected.kind().isEmpty()) {
            causes.required(path + ".kind", "must be one of " + String.join(", ", PEER_KINDS));
        } else if (!PEER_KINDS.contains(selected.kind())) {
            causes.notSupported(
                    path + ".kind",
                    "must be one of %s, is %s"
                            .formatted(
                                    String.join(", ", PEER_KINDS), Texts.quoted(selected.kind())));
        }
        labels(path, selected.labels());
    }

    private void labels(String path, Labels labels) {
        causes.atMost(path + ".matchLabels", labels.matchLabels().size(), MAX_REQUIREMENTS);
        labels.matchLabels()
                .forEach((key, value) -> {
                    causes.labelKey(path + ".matchLabels", key);
                    causes.labelValue(
                            "%s.matchLabels[%s]".formatted(path, Texts.quoted(key)), value);
                });
        causes.atMost(path + ".matchExpressions", labels.expressions().size(), MAX_REQUIREMENTS);
        for (int i = 0; i < labels.expressions().size(); i++) {
            expression("%s.matchExpressions[%d]".formatted(path, i), labels.expressions().get(i));
        }
    }

    private void expression(String path, Expression expression) {
        if (expression.key().isEmpty()) {
            causes.required(path + ".key", "must be given");
        } else {
            causes.labelKey(path + ".key", expression.key());
        }
        String operator = expression.operator();
        boolean known = Arrays.stream(Operator.values()).anyMatch(o -> o.name().equals(operator));
        if (!known) {
            causes.notSupported(
                    path + ".operator",
                    "must be In, NotIn, Exists or DoesNotExist, is " + Texts.quoted(operator));
            return;
        }
        boolean wantsValues = operator.equals("In") || operator.equals("NotIn");
        if (wantsValues && expression.values().isEmpty()) {
            causes.required(path + ".values", "must be given with " + operator);
        } else if (!wantsValues && !expression.values().isEmpty()) {
            causes.forbidden(path + ".values", "can't be given with " + operator);
        }
        causes.atMost(path + ".values", expression.values().size(), MAX_VALUES);
        for (int i = 0; i < expression.values().size(); i++) {
            causes.labelValue("%s.values[%d]".formatted(path, i), expression.values().get(i));
        }
    }
}
