package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.domain.PolicySpec;
import java.util.Collection;
import java.util.List;

/**
 * The judge of everything here: evaluates policies as they were written, by looking at all of them,
 * with nothing compiled and nothing remembered.
 */
final class Raw {

    private Raw() {}

    /** The other end: its address, and the resources of the Network that have it. */
    record Other(Cidr address, List<Member> owners) {}

    static boolean allows(
            Collection<Policy> policies,
            Member subject,
            Direction direction,
            Other other,
            Protocol protocol,
            int port) {
        boolean isolated = false;
        for (var policy : policies) {
            var spec = policy.spec();
            if (!policy.network().equals(subject.network())
                    || !spec.isolates(direction)
                    || !spec.appliesTo().selector().matches(subject.labels())) {
                continue;
            }
            isolated = true;
            for (var rule : spec.rules(direction)) {
                if (onPort(rule, protocol, port) && withPeer(rule, subject, other)) {
                    return true;
                }
            }
        }
        return !isolated;
    }

    private static boolean onPort(PolicySpec.Rule rule, Protocol protocol, int port) {
        return rule.ports().stream()
                .anyMatch(p ->
                        p.protocol().equals(protocol.name())
                                && (p.port() == null
                                        || (p.port() <= port
                                                && port
                                                        <= (p.endPort() == null
                                                                ? p.port()
                                                                : p.endPort()))));
    }

    private static boolean withPeer(PolicySpec.Rule rule, Member subject, Other other) {
        return rule.peers().isEmpty()
                || rule.peers().stream().anyMatch(p -> matches(p, subject, other));
    }

    private static boolean matches(PolicySpec.Peer peer, Member subject, Other other) {
        if (peer.block() != null) {
            return Cidr.parse(peer.block().cidr()).orElseThrow().contains(other.address())
                    && peer.block().except().stream()
                            .noneMatch(e -> Cidr.parse(e).orElseThrow().contains(other.address()));
        }
        return other.owners().stream()
                .anyMatch(o ->
                        o.network().equals(subject.network())
                                && o.kind().name().equals(peer.selected().kind())
                                && peer.selected().labels().selector().matches(o.labels()));
    }
}
