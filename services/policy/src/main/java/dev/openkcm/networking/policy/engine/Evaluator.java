package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.engine.CompiledRule.Peer;
import dev.openkcm.networking.policy.engine.PolicyEngine.Allowance;
import dev.openkcm.networking.policy.engine.Verdict.Decider;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges connections by the compiled policies. An interface that no policy isolates in a direction
 * is open in it; another passes what any rule of any policy that applies to it allows. Replies
 * belong to their connection and are not judged.
 */
public final class Evaluator {

    private final PolicyEngine engine;

    public Evaluator(PolicyEngine engine) {
        this.engine = engine;
    }

    /** An interface in one direction, ready to be asked often. */
    public static final class Subject {
        private final List<Allowance> allowances;

        private Subject(List<Allowance> allowances) {
            this.allowances = allowances;
        }

        public boolean isolated() {
            return !allowances.isEmpty();
        }

        /** Whether a connection with the other end to this port is let through. */
        public boolean allows(Endpoint other, int port) {
            for (var allowance : allowances) {
                if (allowance.allows(other, port)) {
                    return true;
                }
            }
            return allowances.isEmpty();
        }

        /** All ports that are let through with the other end. */
        public PortSet ports(Endpoint other) {
            if (allowances.isEmpty()) {
                return PortSet.ALL;
            }
            var ports = PortSet.NONE;
            for (var allowance : allowances) {
                ports = ports.union(allowance.ports(other));
            }
            return ports;
        }
    }

    public Subject subject(String member, Direction direction) {
        var allowances = new ArrayList<Allowance>(2);
        for (var group : engine.groupsOf(member)) {
            if (!group.applied().isEmpty() && group.allowance(direction).isolates()) {
                allowances.add(group.allowance(direction));
            }
        }
        return new Subject(allowances);
    }

    /** The verdict with everybody who decided it. */
    public Verdict judge(
            String member, Direction direction, Endpoint other, Protocol protocol, int port) {
        var isolating = new ArrayList<ResourceKey>();
        var deciders = new ArrayList<Decider>();
        for (var policy : engine.isolating(member, direction)) {
            isolating.add(policy.key());
            for (var rule : policy.rules()) {
                if (rule.direction() == direction
                        && rule.ports().contains(protocol, port)
                        && matches(rule.peer(), other)) {
                    deciders.add(new Decider(policy.key(), rule));
                }
            }
        }
        return new Verdict(isolating.isEmpty() || !deciders.isEmpty(), isolating, deciders);
    }

    private static boolean matches(Peer peer, Endpoint other) {
        return switch (peer) {
            case Peer.Everyone() -> true;
            case Peer.InGroup(var group) -> other.groups().contains(group);
            case Peer.Ranges(var addresses) -> addresses.contains(other.address());
        };
    }
}
