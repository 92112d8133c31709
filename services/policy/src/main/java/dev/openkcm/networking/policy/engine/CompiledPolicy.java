package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import java.util.List;

/**
 * A policy that refers to groups instead of selecting.
 *
 * @param appliedTo the group of the interfaces that it applies to
 * @param isolates the directions in which these are isolated
 * @param rules what is allowed nevertheless, by direction, rule and peer; none twice
 * @param selections every selector of the policy, and the group that it became
 */
public record CompiledPolicy(
        Policy policy,
        String appliedTo,
        List<Direction> isolates,
        List<CompiledRule> rules,
        List<Selection> selections) {

    /**
     * A selector of the policy.
     *
     * @param path in the manifest
     */
    public record Selection(String path, String group, MemberKind kind, LabelSelector selector) {}

    public CompiledPolicy {
        isolates = List.copyOf(isolates);
        rules = List.copyOf(rules);
        selections = List.copyOf(selections);
    }

    public ResourceKey key() {
        return policy.key();
    }

    public boolean isolates(Direction direction) {
        return isolates.contains(direction);
    }
}
