package dev.openkcm.networking.networkinterface.domain;

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
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.Apply;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.Delete;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.NatRangeObserved;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.VirtualIpObserved;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.AddressesAnswered;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.Created;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.Deleted;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.NatRangeChanged;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.Updated;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.VirtualIpAttached;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.VirtualIpAwaited;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.VirtualIpDetached;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.Absent;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.Present;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.State;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rules of NetworkInterfaces. Start reading here. */
public final class NetworkInterfaceDecider
        implements Decider<NetworkInterface, InterfaceCommand, InterfaceEvent> {

    public static final String NETWORK_READY = "NetworkReady";
    public static final String ADDRESSES_HELD = "AddressesHeld";
    public static final String VIRTUAL_IP_ATTACHED = "VirtualIPAttached";

    @Override
    public NetworkInterface absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(NetworkInterface nic) {
        return switch (nic) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<InterfaceEvent> decide(
            NetworkInterface nic, Command<InterfaceCommand> command) {
        return switch (command.payload()) {
            case Apply apply -> apply(nic, command, withDefaults(apply));
            case Delete _ ->
                    switch (nic) {
                        case Absent _ ->
                                reject(Rejection.notFound("NetworkInterface " + command.key()));
                        case Present _ -> accept(new Deleted());
                    };
            case InterfaceCommand.AddressesAnswered answer ->
                    switch (nic) {
                        case Absent _ -> unchanged();
                        case Present present -> answered(present, answer);
                    };
            case VirtualIpObserved observed ->
                    switch (nic) {
                        case Absent _ -> unchanged();
                        case Present present -> virtualIp(present, observed);
                    };
            case NatRangeObserved observed ->
                    switch (nic) {
                        case Absent _ -> unchanged();
                        case Present present -> natRange(present, observed);
                    };
        };
    }

    private static Apply withDefaults(Apply apply) {
        return new Apply(apply.labels(), apply.annotations(), apply.spec().withDefaults());
    }

    private static Decision<InterfaceEvent> apply(
            NetworkInterface nic, Command<InterfaceCommand> command, Apply apply) {
        var causes = InterfaceValidation.causes(nic, apply);
        if (!causes.isEmpty()) {
            return reject(Rejection.invalid("NetworkInterface " + command.key(), causes));
        }
        return switch (nic) {
            case Absent _ -> accept(new Created(apply.labels(), apply.annotations(), apply.spec()));
            case Present present -> {
                boolean same =
                        apply.labels().equals(present.meta().labels())
                                && apply.annotations().equals(present.meta().annotations())
                                && apply.spec().equals(present.spec());
                yield same
                        ? unchanged()
                        : accept(new Updated(apply.labels(), apply.annotations(), apply.spec()));
            }
        };
    }

    /**
     * An answer to an earlier claim says nothing about the present addresses, nor does one to an
     * interface that had the name before.
     */
    private static Decision<InterfaceEvent> answered(
            Present nic, InterfaceCommand.AddressesAnswered answer) {
        boolean another =
                answer.claimant() != null && !answer.claimant().equals(nic.meta().uid().toString());
        if (another || answer.claim() != claimed(nic)) {
            return unchanged();
        }
        var event = new AddressesAnswered(answer.network(), answer.claim(), answer.conflicts());
        var before = List.of(networkReady(nic), addressesHeld(nic));
        var after = List.of(describe(answer.network()), describe(answer.conflicts()));
        return before.equals(after) ? unchanged() : accept(event);
    }

    /** The generation whose addresses were claimed last. */
    private static long claimed(Present nic) {
        return Condition.find(nic.conditions(), ADDRESSES_HELD)
                .map(Condition::observedGeneration)
                .orElse(0L);
    }

    /** What a condition says, apart from when. */
    private record Finding(Condition.Status status, String reason, String message) {

        Condition at(Event<?> event, String type, long generation) {
            return new Condition(type, status, reason, message, generation, event.time());
        }
    }

    private static Finding networkReady(Present nic) {
        return finding(nic, NETWORK_READY);
    }

    private static Finding addressesHeld(Present nic) {
        return finding(nic, ADDRESSES_HELD);
    }

    private static Finding finding(Present nic, String type) {
        return Condition.find(nic.conditions(), type)
                .map(c -> new Finding(c.status(), c.reason(), c.message()))
                .orElse(new Finding(Condition.Status.Unknown, "", ""));
    }

    private static Finding describe(NetworkFact network) {
        return switch (network) {
            case Missing ->
                    new Finding(
                            Condition.Status.False, "NetworkMissing", "the Network does not exist");
            case Pending ->
                    new Finding(
                            Condition.Status.False,
                            "NetworkNotAvailable",
                            "the Network is not Available");
            case Available -> new Finding(Condition.Status.True, "NetworkAvailable", "");
            case Deleting ->
                    new Finding(
                            Condition.Status.False,
                            "NetworkDeleting",
                            "the Network is being deleted");
        };
    }

    private static Finding describe(List<AddressInUse> conflicts) {
        if (conflicts.isEmpty()) {
            return new Finding(Condition.Status.True, "AddressesHeld", "");
        }
        var told = conflicts.stream().map(NetworkInterfaceDecider::describe).toList();
        return new Finding(Condition.Status.False, "AddressInUse", String.join("; ", told));
    }

    private static String describe(AddressInUse conflict) {
        return conflict.address().equals(conflict.held())
                ? "%s is held by %s".formatted(conflict.address(), conflict.holder())
                : "%s overlaps %s, held by %s"
                        .formatted(conflict.address(), conflict.held(), conflict.holder());
    }

    private static Decision<InterfaceEvent> virtualIp(Present nic, VirtualIpObserved observed) {
        if (!meant(nic, observed.uid())) {
            return unchanged();
        }
        var waiting = observed.waiting();
        if (waiting != null) {
            boolean known =
                    !observed.name().equals(nic.spec().virtualIpName())
                            || finding(nic, VIRTUAL_IP_ATTACHED)
                                    .equals(waits(waiting.reason(), waiting.message()));
            return known
                    ? unchanged()
                    : accept(
                            new VirtualIpAwaited(
                                    observed.name(), waiting.reason(), waiting.message()));
        }
        if (nic.virtualIps().contains(observed.ip()) == observed.attached()) {
            return unchanged();
        }
        return observed.attached()
                ? accept(new VirtualIpAttached(observed.name(), observed.ip()))
                : accept(new VirtualIpDetached(observed.name(), observed.ip()));
    }

    /** What was learned of an earlier interface of the same name says nothing about this one. */
    private static boolean meant(Present nic, String uid) {
        return uid.isEmpty() || uid.equals(nic.meta().uid().toString());
    }

    private static Finding waits(String reason, String message) {
        return new Finding(Condition.Status.False, reason, message);
    }

    private static Decision<InterfaceEvent> natRange(Present nic, NatRangeObserved observed) {
        var before =
                nic.natRanges().stream()
                        .filter(r -> r.gateway().equals(observed.gateway()))
                        .findFirst();
        return !meant(nic, observed.uid()) || before.equals(Optional.ofNullable(observed.range()))
                ? unchanged()
                : accept(new NatRangeChanged(observed.gateway(), observed.range()));
    }

    @Override
    public NetworkInterface evolve(NetworkInterface nic, Event<InterfaceEvent> event) {
        return switch (event.payload()) {
            case Created created -> created(created, event);
            case Updated updated -> updated(present(nic, event), updated, event);
            case AddressesAnswered answered ->
                    addressesAnswered(present(nic, event), answered, event);
            case VirtualIpAttached(_, var ip) -> {
                var ips = new TreeSet<>(present(nic, event).virtualIps());
                ips.add(ip);
                yield withVirtualIps(present(nic, event), List.copyOf(ips), event);
            }
            case VirtualIpDetached(_, var ip) -> {
                var ips = new TreeSet<>(present(nic, event).virtualIps());
                ips.remove(ip);
                yield withVirtualIps(present(nic, event), List.copyOf(ips), event);
            }
            case VirtualIpAwaited(_, var reason, var message) -> {
                var before = present(nic, event);
                yield with(
                        before,
                        before.virtualIps(),
                        before.natRanges(),
                        Condition.with(
                                before.conditions(),
                                waits(reason, message)
                                        .at(
                                                event,
                                                VIRTUAL_IP_ATTACHED,
                                                before.meta().generation())),
                        event);
            }
            case NatRangeChanged(var gateway, var range) -> {
                var before = present(nic, event);
                var ranges = new TreeMap<String, NatRange>();
                before.natRanges().forEach(r -> ranges.put(r.gateway(), r));
                if (range == null) {
                    ranges.remove(gateway);
                } else {
                    ranges.put(gateway, range);
                }
                yield with(
                        before,
                        before.virtualIps(),
                        List.copyOf(ranges.values()),
                        before.conditions(),
                        event);
            }
            case Deleted() -> new Absent();
        };
    }

    private static final Finding NOT_ASKED =
            new Finding(
                    Condition.Status.Unknown, "Claimed", "the addresses are claimed, not held yet");

    private static NetworkInterface created(Created created, Event<?> event) {
        var meta = Meta.createdBy(event, created.labels(), created.annotations());
        return new Present(
                meta,
                created.spec(),
                State.Pending,
                event.time(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(
                        NOT_ASKED.at(event, ADDRESSES_HELD, meta.generation()),
                        new Finding(
                                        Condition.Status.Unknown,
                                        "NetworkNotSeen",
                                        "the Network was not looked at yet")
                                .at(event, NETWORK_READY, meta.generation())));
    }

    private static NetworkInterface updated(Present nic, Updated updated, Event<?> event) {
        var meta =
                nic.meta()
                        .updatedBy(
                                event,
                                !updated.spec().equals(nic.spec()),
                                updated.labels(),
                                updated.annotations());
        boolean sameClaims = updated.spec().claims().equals(nic.spec().claims());
        var kept = updated.spec().claims();
        var conditions =
                Objects.equals(updated.spec().virtualIpName(), nic.spec().virtualIpName())
                        ? nic.conditions()
                        : Condition.without(nic.conditions(), VIRTUAL_IP_ATTACHED);
        return new Present(
                meta,
                updated.spec(),
                sameClaims ? nic.state() : State.Pending,
                sameClaims || nic.state() == State.Pending ? nic.since() : event.time(),
                nic.ips().stream().filter(kept::contains).toList(),
                nic.prefixes().stream().filter(kept::contains).toList(),
                nic.virtualIps(),
                nic.natRanges(),
                sameClaims
                        ? conditions
                        : Condition.with(
                                conditions,
                                NOT_ASKED.at(event, ADDRESSES_HELD, meta.generation())));
    }

    private static NetworkInterface addressesAnswered(
            Present nic, AddressesAnswered answered, Event<?> event) {
        var refused = answered.conflicts().stream().map(AddressInUse::address).toList();
        var held = nic.spec().claims().stream().filter(c -> !refused.contains(c)).toList();
        int addresses = nic.spec().ips().size();
        var state = state(nic, answered);
        var ready = describe(answered.network()).at(event, NETWORK_READY, nic.meta().generation());
        var holds = describe(answered.conflicts()).at(event, ADDRESSES_HELD, answered.claim());
        var claims = nic.spec().claims();
        return new Present(
                nic.meta().seen(event),
                nic.spec(),
                state,
                state == nic.state() ? nic.since() : event.time(),
                claims.subList(0, addresses).stream().filter(held::contains).toList(),
                claims.subList(addresses, claims.size()).stream().filter(held::contains).toList(),
                nic.virtualIps(),
                nic.natRanges(),
                Condition.with(Condition.with(nic.conditions(), ready), holds));
    }

    /**
     * An interface that works goes on working while the deletion of its Network waits for it:
     * asking for a deletion that is refused must not cut anybody off.
     */
    private static State state(Present nic, AddressesAnswered answered) {
        if (!answered.conflicts().isEmpty()) {
            return State.Error;
        }
        return switch (answered.network()) {
            case Available -> State.Available;
            case Deleting -> nic.state() == State.Available ? State.Available : State.Pending;
            case Missing, Pending -> State.Pending;
        };
    }

    private static NetworkInterface withVirtualIps(
            Present nic, List<String> virtualIps, Event<?> event) {
        return with(
                nic,
                virtualIps,
                nic.natRanges(),
                Condition.without(nic.conditions(), VIRTUAL_IP_ATTACHED),
                event);
    }

    private static NetworkInterface with(
            Present nic,
            List<String> virtualIps,
            List<NatRange> natRanges,
            List<Condition> conditions,
            Event<?> event) {
        return new Present(
                nic.meta().seen(event),
                nic.spec(),
                nic.state(),
                nic.since(),
                nic.ips(),
                nic.prefixes(),
                virtualIps,
                natRanges,
                conditions);
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(NetworkInterface nic, Event<?> event) {
        return switch (nic) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(
                            event + " of a NetworkInterface that does not exist");
        };
    }
}
