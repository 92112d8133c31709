package dev.openkcm.networking.network.domain;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A Network as published, or its absence. */
public sealed interface Network {

    /** Nobody has created it, or it is gone. */
    record Absent() implements Network {}

    /** The state that people see. */
    enum State {
        Pending,
        Available,
        Error,
        Deleting
    }

    /**
     * A Network that exists.
     *
     * @param statuses one per peering, of the same name and in the same order
     * @param blockers what the deletion waits for
     */
    record Present(
            Meta meta,
            List<Peering> peerings,
            List<IncomingPeering> incoming,
            @Nullable String providerId,
            State state,
            List<PeeringStatus> statuses,
            List<Blocker> blockers,
            List<Condition> conditions)
            implements Network {

        public Present {
            peerings = List.copyOf(peerings);
            incoming = List.copyOf(incoming);
            statuses = List.copyOf(statuses);
            blockers = List.copyOf(blockers);
            conditions = List.copyOf(conditions);
        }

        public boolean available() {
            return state == State.Available;
        }

        /** The id, once there is one: the third segment of the provider id. */
        public OptionalInt id() {
            return providerId == null
                    ? OptionalInt.empty()
                    : OptionalInt.of(ProviderId.parse(providerId).id());
        }

        public ResourceKey target(Peering peering) {
            return peering.target(meta.key().namespace());
        }

        Optional<Peering> peeringWith(ResourceKey peer) {
            return peerings.stream().filter(p -> target(p).equals(peer)).findFirst();
        }

        Optional<PeeringStatus> status(String peering) {
            return statuses.stream().filter(s -> s.name().equals(peering)).findFirst();
        }

        Optional<IncomingPeering> incoming(ResourceKey peer) {
            return incoming.stream().filter(i -> i.key().equals(peer)).findFirst();
        }
    }
}
