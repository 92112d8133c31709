package dev.openkcm.networking.network.domain;

import dev.openkcm.networking.kernel.ResourceKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The wish to exchange routes with another Network.
 *
 * @param namespace of the other Network; the own one when null
 * @param network the name of the other Network
 * @param prefixes what is exported to it; everything when empty
 */
public record Peering(
        String name, @Nullable String namespace, String network, List<Prefix> prefixes) {

    public Peering {
        prefixes = List.copyOf(prefixes);
    }

    /**
     * A range that is exported, given by itself or by a resource that holds it.
     *
     * @param cidr in canonical form
     * @param prefixRef the name of the resource
     */
    public record Prefix(String name, @Nullable String cidr, @Nullable String prefixRef) {}

    /** The other Network, as a Network of {@code ownNamespace} sees it. */
    public ResourceKey target(String ownNamespace) {
        return new ResourceKey(namespace == null ? ownNamespace : namespace, network);
    }
}
