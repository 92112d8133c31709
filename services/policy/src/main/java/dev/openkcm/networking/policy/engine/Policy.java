package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.PolicySpec;

/**
 * A policy as the compiler needs it.
 *
 * @param version the resourceVersion with which it got this spec
 */
public record Policy(ResourceKey key, String uid, long generation, long version, PolicySpec spec) {

    public ResourceKey network() {
        return key.sibling(spec.network());
    }
}
