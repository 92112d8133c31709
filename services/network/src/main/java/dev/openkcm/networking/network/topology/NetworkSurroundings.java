package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.network.domain.IdOffer;
import dev.openkcm.networking.network.domain.Network;
import dev.openkcm.networking.network.domain.NetworkCommand;
import dev.openkcm.networking.network.domain.NetworkEvent;
import dev.openkcm.networking.network.domain.Users;
import dev.openkcm.networking.schemas.network.v1.PeeringIntent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Beside Networks: the ids that are taken, what uses each Network, and the peering intents that the
 * observing application joins with their targets.
 */
public final class NetworkSurroundings
        implements Surroundings<Network, NetworkCommand, NetworkEvent> {

    private final IdRange range;

    @SuppressWarnings("NullAway.Init") // Set by open(), which is called first.
    private IdPool ids;

    @SuppressWarnings("NullAway.Init")
    private UserRows users;

    @SuppressWarnings("NullAway.Init")
    private UserNews news;

    private NetworkSurroundings(IdRange range) {
        this.range = range;
    }

    /** How surroundings are made for ids of this range. */
    public static Recipe<Network, NetworkCommand, NetworkEvent> recipe(IdRange range) {
        return new Recipe<>() {
            @Override
            public Surroundings<Network, NetworkCommand, NetworkEvent> create() {
                return new NetworkSurroundings(range);
            }

            @Override
            public Set<Target> targets() {
                return Set.of(new Target(NetworkTopology.PEERING_INTENTS, PeeringIntent.class));
            }
        };
    }

    @Override
    public void open(Parts parts, int partition, int partitions) {
        ids = new IdPool(parts.get("ids"), range, partition, partitions);
        users = new UserRows(parts.get("users"));
        news = new UserNews(parts.get("users"));
    }

    @Override
    public NetworkCommand complete(
            ResourceKey key, Network state, NetworkCommand payload, Instant now) {
        return switch (payload) {
            case NetworkCommand.Apply apply ->
                    new NetworkCommand.Apply(
                            apply.labels(),
                            apply.annotations(),
                            apply.peerings(),
                            apply.incoming(),
                            apply.providerId(),
                            hasId(state) ? new IdOffer.Unknown() : ids.offer(now));
            case NetworkCommand.Delete _ ->
                    new NetworkCommand.Delete(
                            state instanceof Network.Present ? users.of(key) : Users.NONE);
            case NetworkCommand.UserObserved(var user, var present) -> {
                users.note(key, user, present);
                yield deleting(state) && (!users.any(key) || news.tellNow(key, now))
                        ? new NetworkCommand.UsersChanged(users.of(key))
                        : payload;
            }
            case NetworkCommand.OfferId _,
                    NetworkCommand.UsersChanged _,
                    NetworkCommand.PeerObserved _,
                    NetworkCommand.OverlapObserved _ ->
                    payload;
        };
    }

    private static boolean hasId(Network network) {
        return network instanceof Network.Present present && present.id().isPresent();
    }

    private static boolean deleting(Network network) {
        return network instanceof Network.Present present && present.meta().deleting();
    }

    @Override
    public void happened(
            Network before, Network after, List<Event<NetworkEvent>> events, Outbox outbox) {
        for (var event : events) {
            switch (event.payload()) {
                case NetworkEvent.IdAssigned(int id, _) -> ids.assigned(id, event.key());
                case NetworkEvent.IdsExhausted _ -> ids.awaited(event.key(), event.time());
                case NetworkEvent.Deleted _ -> {
                    news.forget(event.key());
                    users.forget(event.key());
                    ids.noLongerAwaited(event.key());
                    if (before instanceof Network.Present present) {
                        present.id().ifPresent(id -> ids.released(id, event.time()));
                    }
                }
                case NetworkEvent.Created _,
                        NetworkEvent.Updated _,
                        NetworkEvent.PeeringChanged _,
                        NetworkEvent.OverlapChanged _,
                        NetworkEvent.DeletionRequested _,
                        NetworkEvent.DeletionBlocked _ -> {}
            }
        }
        sendIntents(before, after, events.getLast(), outbox);
    }

    /** Whoever is referred to is told when the wish, or the state of who wishes, changed. */
    private static void sendIntents(
            Network before, Network after, Event<NetworkEvent> cause, Outbox outbox) {
        boolean sameState = stateOf(before).equals(stateOf(after));
        var targetsBefore = targets(before);
        var targetsAfter = targets(after);
        for (var target : targetsBefore) {
            if (!targetsAfter.contains(target)) {
                send(target, false, cause, outbox);
            }
        }
        for (var target : targetsAfter) {
            if (!sameState || !targetsBefore.contains(target)) {
                send(target, true, cause, outbox);
            }
        }
    }

    private static void send(
            ResourceKey target, boolean wanted, Event<NetworkEvent> cause, Outbox outbox) {
        var intent =
                new PeeringIntent(
                        cause.key().namespace(), cause.key().name(), wanted, cause.sequence());
        outbox.send(NetworkTopology.PEERING_INTENTS, target.toString(), intent, cause);
    }

    private static String stateOf(Network network) {
        return switch (network) {
            case Network.Absent _ -> "";
            case Network.Present present -> present.state().name();
        };
    }

    private static Set<ResourceKey> targets(Network network) {
        return switch (network) {
            case Network.Absent _ -> Set.of();
            case Network.Present present -> {
                var targets = new TreeSet<ResourceKey>();
                present.peerings().forEach(p -> targets.add(present.target(p)));
                yield targets;
            }
        };
    }

    @Override
    public Optional<Due<NetworkCommand>> due(Instant now) {
        return news.due(now)
                .map(this::whoIsLeft)
                .or(() ->
                        ids.due(now)
                                .map(grant ->
                                        new Due<>(
                                                grant.network(),
                                                "network-id-freed/" + grant.id(),
                                                new NetworkCommand.OfferId(grant.id()))));
    }

    private Due<NetworkCommand> whoIsLeft(ResourceKey network) {
        var left = users.of(network);
        return new Due<>(
                network,
                "network-users-left/" + left.total(),
                new NetworkCommand.UsersChanged(left));
    }
}
