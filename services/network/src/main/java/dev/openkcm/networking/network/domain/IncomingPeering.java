package dev.openkcm.networking.network.domain;

import dev.openkcm.networking.kernel.ResourceKey;

/** A Network that peers with this one, both wishing so. */
public record IncomingPeering(String namespace, String name, String uid) {

    ResourceKey key() {
        return new ResourceKey(namespace, name);
    }

    /** Whether somebody who wrote this, perhaps leaving out details, means {@code actual}. */
    boolean means(IncomingPeering actual) {
        return name.equals(actual.name)
                && (namespace.isEmpty() || namespace.equals(actual.namespace))
                && (uid.isEmpty() || uid.equals(actual.uid));
    }
}
