package dev.openkcm.networking.network.domain;

import static dev.openkcm.networking.kernel.Decision.accept;
import static dev.openkcm.networking.kernel.Decision.reject;
import static dev.openkcm.networking.kernel.Decision.unchanged;

import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Decider;
import dev.openkcm.networking.kernel.Decision;
import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.network.domain.Network.Absent;
import dev.openkcm.networking.network.domain.Network.Present;
import dev.openkcm.networking.network.domain.Network.State;
import dev.openkcm.networking.network.domain.NetworkCommand.Apply;
import dev.openkcm.networking.network.domain.NetworkCommand.Delete;
import dev.openkcm.networking.network.domain.NetworkCommand.OfferId;
import dev.openkcm.networking.network.domain.NetworkCommand.OverlapObserved;
import dev.openkcm.networking.network.domain.NetworkCommand.PeerObserved;
import dev.openkcm.networking.network.domain.NetworkCommand.UserObserved;
import dev.openkcm.networking.network.domain.NetworkCommand.UsersChanged;
import dev.openkcm.networking.network.domain.NetworkEvent.Created;
import dev.openkcm.networking.network.domain.NetworkEvent.Deleted;
import dev.openkcm.networking.network.domain.NetworkEvent.DeletionBlocked;
import dev.openkcm.networking.network.domain.NetworkEvent.DeletionRequested;
import dev.openkcm.networking.network.domain.NetworkEvent.IdAssigned;
import dev.openkcm.networking.network.domain.NetworkEvent.IdsExhausted;
import dev.openkcm.networking.network.domain.NetworkEvent.OverlapChanged;
import dev.openkcm.networking.network.domain.NetworkEvent.PeeringChanged;
import dev.openkcm.networking.network.domain.NetworkEvent.Updated;
import dev.openkcm.networking.network.domain.PeeringStatus.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rules of Networks. Start reading here. */
public final class NetworkDecider implements Decider<Network, NetworkCommand, NetworkEvent> {

    public static final String AVAILABLE = "Available";
    public static final String ADDRESSES_OVERLAP = "AddressesOverlap";
    public static final String DELETION_BLOCKED = "DeletionBlocked";

    private final String systemNamespace;

    /** The namespace is the first segment of provider ids. */
    public NetworkDecider(String systemNamespace) {
        this.systemNamespace = systemNamespace;
    }

    @Override
    public Network absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(Network network) {
        return switch (network) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<NetworkEvent> decide(Network network, Command<NetworkCommand> command) {
        if (command.payload() instanceof Apply apply) {
            var causes = NetworkValidation.causes(command.key(), network, apply);
            if (!causes.isEmpty()) {
                return reject(Rejection.invalid("Network " + command.key(), causes));
            }
        }
        return switch (network) {
            case Absent _ -> decideAbsent(command);
            case Present present -> decidePresent(present, command.payload());
        };
    }

    private Decision<NetworkEvent> decideAbsent(Command<NetworkCommand> command) {
        return switch (command.payload()) {
            case Apply apply -> create(apply, command.newUid());
            case Delete _ -> reject(Rejection.notFound("Network " + command.key()));
            case OfferId _, UserObserved _, UsersChanged _, PeerObserved _, OverlapObserved _ ->
                    unchanged();
        };
    }

    private Decision<NetworkEvent> create(Apply apply, UUID uid) {
        var events = new ArrayList<NetworkEvent>();
        events.add(new Created(apply.labels(), apply.annotations(), apply.peerings()));
        switch (apply.offer()) {
            case IdOffer.Free(int id) -> events.add(assign(uid, id));
            case IdOffer.Exhausted(var message) -> events.add(new IdsExhausted(message));
            case IdOffer.Unknown() -> {}
        }
        return accept(events);
    }

    private IdAssigned assign(UUID uid, int id) {
        return new IdAssigned(id, ProviderId.of(systemNamespace, uid, id).toString());
    }

    private Decision<NetworkEvent> decidePresent(Present network, NetworkCommand command) {
        return switch (command) {
            case Apply apply -> update(network, apply);
            case Delete(Users users) -> delete(network, users);
            case OfferId(int id) ->
                    network.providerId() == null
                            ? accept(assign(network.meta().uid(), id))
                            : unchanged();
            case UserObserved _ -> unchanged();
            case UsersChanged(Users users) -> usersChanged(network, users);
            case PeerObserved peer -> peerObserved(network, peer);
            case OverlapObserved overlap -> overlapObserved(network, overlap);
        };
    }

    private Decision<NetworkEvent> update(Present network, Apply apply) {
        if (network.meta().deleting()) {
            return reject(
                    Rejection.conflict(
                            "Network %s is being deleted".formatted(network.meta().key())));
        }
        var events = new ArrayList<NetworkEvent>();
        boolean same =
                apply.labels().equals(network.meta().labels())
                        && apply.annotations().equals(network.meta().annotations())
                        && apply.peerings().equals(network.peerings());
        if (!same) {
            events.add(new Updated(apply.labels(), apply.annotations(), apply.peerings()));
        }
        if (network.providerId() == null && apply.offer() instanceof IdOffer.Free(int id)) {
            events.add(assign(network.meta().uid(), id));
        }
        return accept(events);
    }

    private static Decision<NetworkEvent> delete(Present network, Users users) {
        if (network.meta().deleting()) {
            return unchanged();
        }
        return users.total() == 0
                ? accept(new DeletionRequested(), new Deleted())
                : accept(new DeletionRequested(), new DeletionBlocked(users));
    }

    private static Decision<NetworkEvent> usersChanged(Present network, Users users) {
        if (!network.meta().deleting()) {
            return unchanged();
        }
        return users.total() == 0 ? accept(new Deleted()) : accept(new DeletionBlocked(users));
    }

    private static Decision<NetworkEvent> peerObserved(Present network, PeerObserved observed) {
        var peering = network.peeringWith(observed.peer());
        if (peering.isEmpty()) {
            return unchanged(); // The wish was withdrawn before the answer came.
        }
        var before = network.status(peering.get().name());
        var status = status(network, peering.get(), before.orElse(null), observed);
        var peer =
                status.phase() == Phase.Bound && observed.uid() != null
                        ? new IncomingPeering(
                                observed.peer().namespace(), observed.peer().name(), observed.uid())
                        : null;
        boolean same =
                before.equals(java.util.Optional.of(status))
                        && Objects.equals(network.incoming(observed.peer()).orElse(null), peer);
        return same ? unchanged() : accept(new PeeringChanged(status, peer));
    }

    private static PeeringStatus status(
            Present network,
            Peering peering,
            @Nullable PeeringStatus before,
            PeerObserved observed) {
        if (observed.uid() == null) {
            return PeeringStatus.pending(
                    peering.name(),
                    "PeerMissing",
                    "there is no Network %s".formatted(observed.peer()));
        }
        if (!observed.references()) {
            return PeeringStatus.pending(
                    peering.name(),
                    "PeerDoesNotReference",
                    "Network %s has no peering with %s"
                            .formatted(observed.peer(), network.meta().key()));
        }
        if (!observed.available()) {
            return PeeringStatus.pending(
                    peering.name(),
                    "PeerNotAvailable",
                    "Network %s is not Available".formatted(observed.peer()));
        }
        if (!network.available()) {
            return PeeringStatus.pending(
                    peering.name(),
                    "NetworkNotAvailable",
                    "Network %s is not Available itself".formatted(network.meta().key()));
        }
        return PeeringStatus.bound(peering, before == null ? null : before.overlap());
    }

    private static Decision<NetworkEvent> overlapObserved(
            Present network, OverlapObserved observed) {
        return network.peeringWith(observed.peer())
                .flatMap(p -> network.status(p.name()))
                .filter(s -> s.phase() == Phase.Bound)
                .filter(s -> !Objects.equals(s.overlap(), observed.message()))
                .map(_ ->
                        Decision.<NetworkEvent>accept(
                                new OverlapChanged(observed.peer(), observed.message())))
                .orElse(unchanged());
    }

    @Override
    public Network evolve(Network network, Event<NetworkEvent> event) {
        return switch (event.payload()) {
            case Created created -> created(created, event);
            case Updated updated -> updated(present(network, event), updated, event);
            case IdAssigned(_, var providerId) ->
                    assigned(present(network, event), providerId, event);
            case IdsExhausted(var message) -> exhausted(present(network, event), message, event);
            case PeeringChanged changed -> peeringChanged(present(network, event), changed, event);
            case OverlapChanged changed -> overlapChanged(present(network, event), changed, event);
            case DeletionRequested() -> deletionRequested(present(network, event), event);
            case DeletionBlocked(Users users) ->
                    deletionBlocked(present(network, event), users, event);
            case Deleted() -> new Absent();
        };
    }

    private static Network created(Created created, Event<?> event) {
        var meta = Meta.createdBy(event, created.labels(), created.annotations());
        return new Present(
                meta,
                created.peerings(),
                List.of(),
                null,
                State.Pending,
                created.peerings().stream().map(NetworkDecider::notSeenYet).toList(),
                List.of(),
                List.of(
                        new Condition(
                                AVAILABLE,
                                Condition.Status.False,
                                "Pending",
                                "waits for an id",
                                meta.generation(),
                                event.time())));
    }

    private static PeeringStatus notSeenYet(Peering peering) {
        return PeeringStatus.pending(
                peering.name(), "PeerMissing", "the other Network was not seen yet");
    }

    private static Network updated(Present network, Updated updated, Event<?> event) {
        boolean specChanged = !updated.peerings().equals(network.peerings());
        var meta =
                network.meta()
                        .updatedBy(event, specChanged, updated.labels(), updated.annotations());
        var statuses = new ArrayList<PeeringStatus>();
        var incoming = new ArrayList<IncomingPeering>();
        for (var peering : updated.peerings()) {
            // A peering keeps what it reached as long as it means the same Network.
            var kept =
                    network.peeringWith(network.target(peering))
                            .flatMap(p -> network.status(p.name()));
            statuses.add(kept.map(s -> renewed(peering, s)).orElse(notSeenYet(peering)));
            network.incoming(network.target(peering)).ifPresent(incoming::add);
        }
        var after =
                new Present(
                        meta,
                        updated.peerings(),
                        incoming,
                        network.providerId(),
                        network.state(),
                        statuses,
                        network.blockers(),
                        network.conditions());
        return withOverlapCondition(after, event);
    }

    private static PeeringStatus renewed(Peering peering, PeeringStatus before) {
        return before.phase() == Phase.Bound
                ? PeeringStatus.bound(peering, before.overlap())
                : new PeeringStatus(
                        peering.name(),
                        before.phase(),
                        before.state(),
                        before.reason(),
                        before.message(),
                        before.exported(),
                        before.overlap());
    }

    private static Network assigned(Present network, String providerId, Event<?> event) {
        boolean deleting = network.meta().deleting();
        return new Present(
                network.meta().seen(event),
                network.peerings(),
                network.incoming(),
                providerId,
                deleting ? State.Deleting : State.Available,
                network.statuses(),
                network.blockers(),
                Condition.with(
                        network.conditions(),
                        new Condition(
                                AVAILABLE,
                                deleting ? Condition.Status.False : Condition.Status.True,
                                deleting ? "Deleting" : "IdAssigned",
                                "",
                                network.meta().generation(),
                                event.time())));
    }

    private static Network exhausted(Present network, String message, Event<?> event) {
        return with(
                network,
                network.meta().seen(event),
                State.Error,
                network.blockers(),
                new Condition(
                        AVAILABLE,
                        Condition.Status.False,
                        "NetworkIDsExhausted",
                        message,
                        network.meta().generation(),
                        event.time()));
    }

    private static Network peeringChanged(Present network, PeeringChanged changed, Event<?> event) {
        var statuses =
                network.statuses().stream()
                        .map(s -> s.name().equals(changed.status().name()) ? changed.status() : s)
                        .toList();
        var incoming = new ArrayList<IncomingPeering>();
        for (var peering : network.peerings()) {
            var target = network.target(peering);
            if (!peering.name().equals(changed.status().name())) {
                network.incoming(target).ifPresent(incoming::add);
            } else if (changed.peer() != null) {
                incoming.add(changed.peer());
            }
        }
        return withPeerings(network, incoming, statuses, event);
    }

    private static Network overlapChanged(Present network, OverlapChanged changed, Event<?> event) {
        String name = network.peeringWith(changed.peer()).map(Peering::name).orElse("");
        var statuses =
                network.statuses().stream()
                        .map(s -> s.name().equals(name) ? s.withOverlap(changed.message()) : s)
                        .toList();
        return withPeerings(network, network.incoming(), statuses, event);
    }

    /** The same after an event that changed how peerings stand. */
    private static Network withPeerings(
            Present network,
            List<IncomingPeering> incoming,
            List<PeeringStatus> statuses,
            Event<?> event) {
        var after =
                new Present(
                        network.meta().seen(event),
                        network.peerings(),
                        incoming,
                        network.providerId(),
                        network.state(),
                        statuses,
                        network.blockers(),
                        network.conditions());
        return withOverlapCondition(after, event);
    }

    private static Network withOverlapCondition(Present network, Event<?> event) {
        var overlaps = new ArrayList<String>();
        for (var status : network.statuses()) {
            if (status.overlap() != null) {
                overlaps.add("peering %s: %s".formatted(status.name(), status.overlap()));
            }
        }
        var conditions =
                overlaps.isEmpty()
                        ? Condition.without(network.conditions(), ADDRESSES_OVERLAP)
                        : Condition.with(
                                network.conditions(),
                                new Condition(
                                        ADDRESSES_OVERLAP,
                                        Condition.Status.True,
                                        "AddressesOverlap",
                                        String.join("; ", overlaps),
                                        network.meta().generation(),
                                        event.time()));
        return new Present(
                network.meta(),
                network.peerings(),
                network.incoming(),
                network.providerId(),
                network.state(),
                network.statuses(),
                network.blockers(),
                conditions);
    }

    private static Network deletionRequested(Present network, Event<?> event) {
        return with(
                network,
                network.meta().deletionRequestedBy(event),
                State.Deleting,
                List.of(),
                new Condition(
                        AVAILABLE,
                        Condition.Status.False,
                        "Deleting",
                        "the deletion was asked for",
                        network.meta().generation(),
                        event.time()));
    }

    private static Network deletionBlocked(Present network, Users users, Event<?> event) {
        var named = users.first().stream().map(b -> b.kind() + " " + b.name()).toList();
        int more = users.total() - named.size();
        String message =
                "used by %s%s"
                        .formatted(
                                String.join(", ", named),
                                more > 0 ? " and %d more".formatted(more) : "");
        return with(
                network,
                network.meta().seen(event),
                State.Deleting,
                users.first(),
                new Condition(
                        DELETION_BLOCKED,
                        Condition.Status.True,
                        "InUse",
                        message,
                        network.meta().generation(),
                        event.time()));
    }

    private static Network with(
            Present network, Meta meta, State state, List<Blocker> blockers, Condition condition) {
        return new Present(
                meta,
                network.peerings(),
                network.incoming(),
                network.providerId(),
                state,
                network.statuses(),
                blockers,
                Condition.with(network.conditions(), condition));
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(Network network, Event<?> event) {
        return switch (network) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(event + " of a Network that does not exist");
        };
    }
}
