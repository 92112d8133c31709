package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.ResourceKey;
import java.util.List;

/**
 * Whether policies let a connection through in one direction, and who says so.
 *
 * @param isolatedBy the policies that isolate the interface in the direction, by name
 * @param allowedBy what lets the connection through, by policy, rule and peer
 */
public record Verdict(boolean allowed, List<ResourceKey> isolatedBy, List<Decider> allowedBy) {

    /** A place in a policy that lets a connection through. */
    public record Decider(ResourceKey policy, CompiledRule rule) {}

    /** Why it is so. */
    public enum Reason {
        NotIsolated,
        Allowed,
        DefaultDeny
    }

    public Verdict {
        isolatedBy = List.copyOf(isolatedBy);
        allowedBy = List.copyOf(allowedBy);
    }

    public Reason reason() {
        if (isolatedBy.isEmpty()) {
            return Reason.NotIsolated;
        }
        return allowed ? Reason.Allowed : Reason.DefaultDeny;
    }
}
