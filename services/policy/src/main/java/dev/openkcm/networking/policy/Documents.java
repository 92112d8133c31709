package dev.openkcm.networking.policy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.engine.CompiledPolicy;
import dev.openkcm.networking.policy.engine.CompiledRule;
import dev.openkcm.networking.policy.engine.CompiledRule.Peer;
import dev.openkcm.networking.policy.engine.Explanation;
import dev.openkcm.networking.policy.engine.Matrix;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.PolicyEngine;
import dev.openkcm.networking.policy.engine.PortSet;
import dev.openkcm.networking.policy.engine.Preview;
import dev.openkcm.networking.policy.engine.Reachability;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers of the engine as JSON. */
final class Documents {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Documents() {}

    private static ObjectNode document(String kind, ResourceKey network) {
        var document = JSON.objectNode();
        document.put("apiVersion", Kind.API_VERSION);
        document.put("kind", kind);
        document.putObject("network")
                .put("namespace", network.namespace())
                .put("name", network.name());
        return document;
    }

    private static String verdict(boolean allowed) {
        return allowed ? "Allow" : "Deny";
    }

    // ---- Reachability ----

    static ObjectNode reachability(Reachability.Answer answer) {
        var question = answer.question();
        var document = document("Reachability", question.network());
        document.set("from", party(question.from()));
        document.set("to", party(question.to()));
        document.put("protocol", question.protocol().name());
        document.put("port", question.port());
        document.put("verdict", verdict(answer.allowed()));
        document.put("explanation", Explanation.of(answer));
        leg(document, "egress", answer.decisive().egress());
        leg(document, "ingress", answer.decisive().ingress());
        var paths = document.putArray("paths");
        answer.paths().forEach(p -> paths.add(path(p)));
        return document;
    }

    private static ObjectNode party(Reachability.Party party) {
        return switch (party) {
            case Reachability.Party.Named(var kind, var name) ->
                    JSON.objectNode().put("kind", kind.name()).put("name", name);
            case Reachability.Party.At(var address) ->
                    JSON.objectNode().put("address", address.toString());
        };
    }

    private static ObjectNode path(Reachability.Path path) {
        var document = JSON.objectNode();
        document.put("verdict", verdict(path.allowed()));
        tuple(document, "sent", path.sent());
        tuple(document, "received", path.received());
        if (path.obstacle() != null) {
            document.put("obstacle", path.obstacle());
        }
        leg(document, "egress", path.egress());
        leg(document, "ingress", path.ingress());
        if (!path.notes().isEmpty()) {
            path.notes().forEach(document.putArray("notes")::add);
        }
        return document;
    }

    private static void tuple(
            ObjectNode document, String field, Reachability.@Nullable Tuple tuple) {
        if (tuple != null) {
            document.putObject(field)
                    .put("ipFamily", tuple.source().family().name())
                    .put("source", tuple.source().toString())
                    .put("destination", tuple.destination().toString());
        }
    }

    private static void leg(ObjectNode document, String field, Reachability.@Nullable Leg leg) {
        if (leg == null) {
            return;
        }
        var verdict = leg.verdict();
        var shown = document.putObject(field);
        shown.put("verdict", verdict(verdict.allowed()));
        shown.put("reason", verdict.reason().name());
        shown.put("networkInterface", leg.networkInterface().name());
        shown.put("explanation", Explanation.of(leg));
        var isolating = shown.putArray("isolatedBy");
        verdict.isolatedBy().forEach(p -> isolating.add(p.name()));
        var deciders = shown.putArray("decidedBy");
        for (var decider : verdict.allowedBy()) {
            var shownDecider = deciders.addObject();
            shownDecider.put("policy", decider.policy().name());
            origin(shownDecider, decider.rule());
        }
    }

    private static void origin(ObjectNode document, CompiledRule rule) {
        document.put("ruleIndex", rule.ruleIndex());
        if (rule.peerIndex() != CompiledRule.NO_PEER) {
            document.put("peerIndex", rule.peerIndex());
        }
        document.put("path", rule.path());
        document.put("ruleId", rule.id());
    }

    // ---- Matrix ----

    static ObjectNode matrix(
            ResourceKey network,
            List<Member> from,
            List<Member> to,
            Map<PortSet.Range, List<Matrix.Row>> byPort) {
        var document = document("ReachabilityMatrix", network);
        document.putObject("marks")
                .put("" + Matrix.ALLOWED, "allowed")
                .put("" + Matrix.DENIED, "denied")
                .put("" + Matrix.ONLY_IPV4, "allowed over IPv4 alone")
                .put("" + Matrix.ONLY_IPV6, "allowed over IPv6 alone")
                .put("" + Matrix.NO_ADDRESS, "no family of addresses in common");
        names(document.putArray("from"), from);
        names(document.putArray("to"), to);
        var ports = document.putArray("ports");
        byPort.forEach((port, rows) -> {
            var shown = ports.addObject();
            shown.put("protocol", port.protocol().name()).put("port", port.first());
            var shownRows = shown.putArray("rows");
            for (var row : rows) {
                shownRows
                        .addObject()
                        .put("from", row.from())
                        .put("ingress", row.ingress())
                        .put("egress", row.egress())
                        .put("combined", row.combined());
            }
        });
        return document;
    }

    private static void names(ArrayNode array, List<Member> members) {
        members.forEach(m -> array.add(m.name()));
    }

    // ---- Preview ----

    static ObjectNode preview(ResourceKey network, Preview.Difference difference) {
        var document = document("ReachabilityPreview", network);
        flows(document.putArray("opens"), difference.opened());
        flows(document.putArray("closes"), difference.closed());
        return document;
    }

    /** Why it can't be told what would open and close. */
    static ObjectNode noPreview(ResourceKey network, String why) {
        return document("ReachabilityPreview", network).put("unknown", why);
    }

    private static void flows(ArrayNode array, List<Preview.Flows> flows) {
        for (var flow : flows) {
            var shown = array.addObject();
            parties(shown.putArray("from"), flow.from());
            parties(shown.putArray("to"), flow.to());
            ports(shown.putArray("ports"), flow.ports());
        }
    }

    private static void parties(ArrayNode array, List<Preview.Party> parties) {
        for (var party : parties) {
            switch (party) {
                case Preview.Party.Of(var kind, var name, var addresses) ->
                        array.addObject()
                                .put("kind", kind.name())
                                .put("name", name)
                                .put("address", addresses.text());
                case Preview.Party.Outside(var addresses) ->
                        addresses.cidrs().forEach(c -> array.addObject().put("cidr", notation(c)));
            }
        }
    }

    private static String notation(Cidr cidr) {
        return cidr.addressText() + "/" + cidr.length();
    }

    private static void ports(ArrayNode array, PortSet ports) {
        for (var range : ports.ranges()) {
            array.addObject()
                    .put("protocol", range.protocol().name())
                    .put("port", range.first())
                    .put("endPort", range.last());
        }
    }

    // ---- Rules of an interface ----

    /**
     * What holds for an interface.
     *
     * @param expand whether the members of groups are listed
     */
    static ObjectNode rules(PolicyEngine engine, Member networkInterface, boolean expand) {
        var document = header(networkInterface);
        var isolated = document.putObject("isolated");
        var policies = document.putArray("policies");
        var rules = document.putArray("rules");
        for (var direction : Direction.values()) {
            var isolating = engine.isolating(networkInterface.key(), direction);
            isolated.put(field(direction), !isolating.isEmpty());
            for (var policy : isolating) {
                policies.addObject()
                        .put("direction", direction.name())
                        .put("name", policy.key().name())
                        .put("appliedTo", policy.appliedTo());
                for (var rule : policy.rules()) {
                    if (rule.direction() == direction) {
                        rules.add(rule(engine, policy, rule, expand));
                    }
                }
            }
        }
        return document;
    }

    /** What holds for an interface, counted. */
    static ObjectNode summary(PolicyEngine engine, Member networkInterface) {
        var document = header(networkInterface);
        var isolated = document.putObject("isolated");
        int rules = 0;
        for (var direction : Direction.values()) {
            var isolating = engine.isolating(networkInterface.key(), direction);
            isolated.put(field(direction), !isolating.isEmpty());
            for (var policy : isolating) {
                rules +=
                        (int)
                                policy.rules().stream()
                                        .filter(r -> r.direction() == direction)
                                        .count();
            }
        }
        document.put("ruleCount", rules);
        return document;
    }

    private static String field(Direction direction) {
        return direction == Direction.Ingress ? "ingress" : "egress";
    }

    private static ObjectNode header(Member networkInterface) {
        var document = JSON.objectNode();
        document.put("apiVersion", Kind.API_VERSION);
        document.put("kind", "NetworkPolicyRule");
        document.putObject("metadata")
                .put("namespace", networkInterface.network().namespace())
                .put("name", networkInterface.name());
        document.putObject("networkRef").put("name", networkInterface.network().name());
        document.putObject("targetRef")
                .put("kind", networkInterface.kind().name())
                .put("name", networkInterface.name())
                .put("uid", networkInterface.uid());
        return document;
    }

    private static ObjectNode rule(
            PolicyEngine engine, CompiledPolicy policy, CompiledRule rule, boolean expand) {
        var document = JSON.objectNode();
        document.put("direction", rule.direction().name());
        document.put("policy", policy.key().name());
        origin(document, rule);
        var peer = document.putObject("peer");
        switch (rule.peer()) {
            case Peer.Everyone() -> peer.put("everyone", true);
            case Peer.Ranges(var addresses) -> {
                var ranges = peer.putArray("ranges");
                addresses.cidrs().forEach(c -> ranges.add(notation(c)));
            }
            case Peer.InGroup(var group) -> {
                peer.put("group", group);
                peer.put("members", engine.sizeOf(group));
                for (var selection : policy.selections()) {
                    if (selection.group().equals(group)) {
                        peer.put("kind", selection.kind().name());
                    }
                }
                if (expand) {
                    var addresses = peer.putArray("addresses");
                    for (var member : engine.membersOf(group)) {
                        for (var address : member.addresses()) {
                            addresses
                                    .addObject()
                                    .put("name", member.name())
                                    .put("address", address.text());
                        }
                    }
                }
            }
        }
        ports(document.putArray("ports"), rule.ports());
        return document;
    }
}
