package dev.openkcm.networking.network.domain;

import dev.openkcm.networking.kernel.ResourceKey;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything that can be asked of a Network, or learned about it. */
public sealed interface NetworkCommand {

    /**
     * Create it, or replace labels, annotations and peerings.
     *
     * @param incoming as the sender repeated it; belongs to the system
     * @param providerId as the sender repeated it; belongs to the system
     */
    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            List<Peering> peerings,
            List<IncomingPeering> incoming,
            @Nullable String providerId,
            IdOffer offer)
            implements NetworkCommand {}

    record Delete(Users users) implements NetworkCommand {}

    /** An id has become free for a Network that waits for one. */
    record OfferId(int id) implements NetworkCommand {}

    /** A resource began or ceased to use the Network. */
    record UserObserved(Blocker user, boolean present) implements NetworkCommand {}

    /** What uses the Network, after a change. */
    record UsersChanged(Users users) implements NetworkCommand {}

    /**
     * The Network that a peering refers to.
     *
     * @param uid null when there is no such Network
     * @param references whether it refers to this Network
     */
    record PeerObserved(
            ResourceKey peer, @Nullable String uid, boolean available, boolean references)
            implements NetworkCommand {}

    /** Addresses of this Network and of a bound peer overlap; null when they no longer do. */
    record OverlapObserved(ResourceKey peer, @Nullable String message) implements NetworkCommand {}
}
