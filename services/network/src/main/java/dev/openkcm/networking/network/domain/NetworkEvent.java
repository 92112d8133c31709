package dev.openkcm.networking.network.domain;

import dev.openkcm.networking.kernel.ResourceKey;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything that can have happened to a Network. Records are never edited, only added. */
public sealed interface NetworkEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            List<Peering> peerings)
            implements NetworkEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            List<Peering> peerings)
            implements NetworkEvent {}

    record IdAssigned(int id, String providerId) implements NetworkEvent {}

    record IdsExhausted(String message) implements NetworkEvent {}

    /**
     * A peering changed.
     *
     * @param peer the other Network while the peering is mutual
     */
    record PeeringChanged(PeeringStatus status, @Nullable IncomingPeering peer)
            implements NetworkEvent {}

    record OverlapChanged(ResourceKey peer, @Nullable String message) implements NetworkEvent {}

    record DeletionRequested() implements NetworkEvent {}

    record DeletionBlocked(Users users) implements NetworkEvent {}

    record Deleted() implements NetworkEvent {}
}
