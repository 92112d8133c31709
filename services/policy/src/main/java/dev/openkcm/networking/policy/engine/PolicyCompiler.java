package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.engine.CompiledPolicy.Selection;
import dev.openkcm.networking.policy.engine.CompiledRule.Peer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a policy into rules that refer to groups. A pure function of the policy: who is in the
 * groups does not matter, so a policy is compiled once per spec. Only of specs that were found
 * valid.
 */
public final class PolicyCompiler {

    private final Policy policy;
    private final List<Selection> selections = new ArrayList<>();
    private final List<CompiledRule> rules = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    private PolicyCompiler(Policy policy) {
        this.policy = policy;
    }

    public static CompiledPolicy compile(Policy policy) {
        return new PolicyCompiler(policy).compile();
    }

    private CompiledPolicy compile() {
        var spec = policy.spec();
        if (spec.appliesTo() == null) {
            throw new IllegalArgumentException(policy.key() + " does not say whom it applies to");
        }
        String appliedTo =
                select(
                        "spec.networkInterfaceSelector",
                        MemberKind.NetworkInterface,
                        spec.appliesTo());
        var isolates = new ArrayList<Direction>();
        for (var direction : Direction.values()) {
            if (spec.isolates(direction)) {
                isolates.add(direction);
                var given = spec.rules(direction);
                for (int i = 0; i < given.size(); i++) {
                    rule(appliedTo, direction, i, given.get(i));
                }
            }
        }
        return new CompiledPolicy(policy, appliedTo, isolates, rules, selections);
    }

    private void rule(String appliedTo, Direction direction, int index, PolicySpec.Rule rule) {
        var ports = ports(rule.ports());
        if (rule.peers().isEmpty()) {
            add(appliedTo, direction, new Peer.Everyone(), ports, index, CompiledRule.NO_PEER);
            return;
        }
        for (int i = 0; i < rule.peers().size(); i++) {
            String path =
                    "%s[%d].%s[%d]"
                            .formatted(direction.rulesField(), index, direction.peersField(), i);
            var peer = peer(path, rule.peers().get(i));
            if (peer.isPresent()) {
                add(appliedTo, direction, peer.get(), ports, index, i);
            }
        }
    }

    /** Empty when excepts leave nothing of a block. */
    private Optional<Peer> peer(String path, PolicySpec.Peer peer) {
        if (peer.selected() != null) {
            var kind = MemberKind.valueOf(peer.selected().kind());
            return Optional.of(
                    new Peer.InGroup(
                            select(path + ".objectSelector", kind, peer.selected().labels())));
        }
        PolicySpec.@Nullable Block block = peer.block();
        if (block == null) {
            throw new IllegalArgumentException(path + " of " + policy.key() + " is empty");
        }
        var left =
                AddressSet.of(cidrs(List.of(block.cidr())))
                        .minus(AddressSet.of(cidrs(block.except())));
        return left.isEmpty() ? Optional.empty() : Optional.of(new Peer.Ranges(left));
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(t -> Cidr.parse(t).orElseThrow()).toList();
    }

    private static PortSet ports(List<PolicySpec.Port> ports) {
        var ranges = new ArrayList<PortSet.Range>(ports.size());
        for (var port : ports) {
            int first = port.port() == null ? 1 : port.port();
            int last = port.port() == null ? PortSet.LAST : first;
            ranges.add(
                    new PortSet.Range(
                            Protocol.valueOf(port.protocol()),
                            first,
                            port.endPort() == null ? last : port.endPort()));
        }
        return PortSet.of(ranges);
    }

    private String select(String path, MemberKind kind, Labels labels) {
        var canonical = Selectors.canonical(labels.selector());
        String group =
                Hash.of(Member.scope(kind, policy.network()) + "\n" + Selectors.text(canonical))
                        .toString();
        selections.add(new Selection(path, group, kind, canonical));
        return group;
    }

    /** What is said twice in a policy is one rule, that of the first place. */
    private void add(
            String appliedTo,
            Direction direction,
            Peer peer,
            PortSet ports,
            int ruleIndex,
            int peerIndex) {
        String said =
                switch (peer) {
                    case Peer.Everyone _ -> "everyone";
                    case Peer.InGroup(var group) -> "group " + group;
                    case Peer.Ranges(var addresses) -> "ranges " + addresses;
                };
        String id = Hash.of(direction + " " + appliedTo + " " + said + " " + ports).toString();
        if (ids.add(id)) {
            rules.add(new CompiledRule(id, direction, peer, ports, ruleIndex, peerIndex));
        }
    }
}
