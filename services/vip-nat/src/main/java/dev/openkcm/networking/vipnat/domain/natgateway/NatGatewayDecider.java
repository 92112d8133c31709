package dev.openkcm.networking.vipnat.domain.natgateway;

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
import dev.openkcm.networking.vipnat.domain.Finding;
import dev.openkcm.networking.vipnat.domain.Grant;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.Absent;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.Awaited;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.Ip;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.Present;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.AddressEmptied;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.Apply;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.Delete;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.Granted;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.PortsWithdrawn;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.ServiceObserved;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressAssigned;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressAwaited;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressReleased;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressReleasing;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressRequested;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressRetained;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.Created;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.Deleted;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.DeletionRequested;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.ServiceChanged;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.Updated;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of NATGateways. Start reading here. */
public final class NatGatewayDecider
        implements Decider<NatGateway, NatGatewayCommand, NatGatewayEvent> {

    public static final String NETWORK_READY = "NetworkReady";
    public static final String ADDRESSES_ALLOCATED = "AddressesAllocated";
    public static final String ALL_SERVED = "AllServed";
    public static final String PORTS_WITHDRAWN = "PortsWithdrawn";

    /** Addresses were asked for, and the pools have not answered yet. */
    static final Finding NOT_ANSWERED = Finding.fails("Pending", "waits for addresses");

    private static final Finding WITHDRAWING =
            Finding.fails("Withdrawing", "the ports are withdrawn before the gateway goes");

    @Override
    public NatGateway absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(NatGateway gateway) {
        return switch (gateway) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<NatGatewayEvent> decide(
            NatGateway gateway, Command<NatGatewayCommand> command) {
        return switch (gateway) {
            case Absent _ ->
                    switch (command.payload()) {
                        case Apply apply -> apply(gateway, command, apply);
                        case Delete _ -> reject(Rejection.notFound("NATGateway " + command.key()));
                        case Granted _, ServiceObserved _, AddressEmptied _, PortsWithdrawn _ ->
                                unchanged();
                    };
            case Present present when present.meta().deleting() -> deleting(present, command);
            case Present present ->
                    switch (command.payload()) {
                        case Apply apply -> apply(gateway, command, apply);
                        case Delete _ -> accept(new DeletionRequested());
                        case PortsWithdrawn _ -> unchanged();
                        case Granted(var grant) -> granted(present, grant);
                        case ServiceObserved observed -> observed(present, observed);
                        case AddressEmptied emptied -> emptied(present, emptied);
                    };
        };
    }

    /**
     * Its addresses are given back, and its name is free, only when nobody has ports of it: the
     * table that withdraws them may be behind that of a Network where the name is used next.
     */
    private static Decision<NatGatewayEvent> deleting(
            Present gateway, Command<NatGatewayCommand> command) {
        return switch (command.payload()) {
            case Apply _ ->
                    reject(
                            Rejection.conflict(
                                    "NATGateway %s is being deleted".formatted(command.key())));
            case PortsWithdrawn(var uid) ->
                    uid.equals(gateway.meta().uid().toString())
                            ? accept(new Deleted())
                            : unchanged();
            case Delete _, Granted _, ServiceObserved _, AddressEmptied _ -> unchanged();
        };
    }

    private static Decision<NatGatewayEvent> apply(
            NatGateway gateway, Command<NatGatewayCommand> command, Apply given) {
        var apply = new Apply(given.labels(), given.annotations(), given.spec().withDefaults());
        var causes = NatGatewayValidation.causes(gateway, apply);
        if (!causes.isEmpty()) {
            return reject(Rejection.invalid("NATGateway " + command.key(), causes));
        }
        return switch (gateway) {
            case Absent _ -> {
                var events = new ArrayList<NatGatewayEvent>();
                events.add(new Created(apply.labels(), apply.annotations(), apply.spec()));
                events.addAll(scale(apply.spec(), List.of(), List.of(), Service.NONE));
                yield accept(events);
            }
            case Present present -> {
                boolean same =
                        apply.labels().equals(present.meta().labels())
                                && apply.annotations().equals(present.meta().annotations())
                                && apply.spec().equals(present.spec());
                if (same) {
                    yield unchanged();
                }
                var events = new ArrayList<NatGatewayEvent>();
                events.add(new Updated(apply.labels(), apply.annotations(), apply.spec()));
                events.addAll(
                        scale(apply.spec(), present.ips(), present.awaited(), present.service()));
                yield accept(events);
            }
        };
    }

    /**
     * Only an answer to the present wish counts: one to a wish that was withdrawn, and made again
     * under the same name, may still be on its way.
     */
    private static Decision<NatGatewayEvent> granted(Present gateway, Grant grant) {
        var awaited = gateway.awaited(grant.slot());
        if (!grant.uid().equals(gateway.meta().uid().toString())
                || awaited.isEmpty()
                || grant.sequence() < awaited.get().since()) {
            return unchanged();
        }
        String address = grant.address();
        if (address != null) {
            return accept(new AddressAssigned(grant.slot(), address, grant.poolOrNone()));
        }
        var finding = waits(grant.reasonOrNone(), grant.messageOrNone());
        return Finding.in(gateway.conditions(), ADDRESSES_ALLOCATED).equals(finding)
                ? unchanged()
                : accept(
                        new AddressAwaited(
                                grant.slot(), grant.reasonOrNone(), grant.messageOrNone()));
    }

    private static Finding waits(String reason, String message) {
        return Finding.fails(reason, message);
    }

    private static Decision<NatGatewayEvent> observed(Present gateway, ServiceObserved observed) {
        if (!observed.uid().equals(gateway.meta().uid().toString())) {
            return unchanged();
        }
        var events = new ArrayList<NatGatewayEvent>();
        if (!observed.service().equals(gateway.service())) {
            events.add(new ServiceChanged(observed.service()));
        }
        events.addAll(scale(gateway.spec(), gateway.ips(), gateway.awaited(), observed.service()));
        return accept(events);
    }

    private static Decision<NatGatewayEvent> emptied(Present gateway, AddressEmptied emptied) {
        if (!emptied.uid().equals(gateway.meta().uid().toString())) {
            return unchanged();
        }
        return gateway.ip(emptied.name())
                .filter(ip -> ip.releasingSince() != null && ip.releasingSince() == emptied.since())
                .map(ip ->
                        Decision.<NatGatewayEvent>accept(new AddressReleased(ip.name(), ip.ip())))
                .orElse(unchanged());
    }

    /**
     * As many addresses as the interfaces need, within the limits. Slots in quarantine count only
     * while somebody waits: they are no reason to keep an address, but one to get another.
     */
    static int needed(NatGatewaySpec spec, Service service) {
        int slots = spec.slots();
        int wanted = service.requested();
        if (service.used() < service.requested()) {
            wanted += service.resting();
        }
        return Math.clamp(Math.ceilDiv(wanted, slots), spec.min(), spec.max());
    }

    private static List<NatGatewayEvent> scale(
            NatGatewaySpec spec, List<Ip> ips, List<Awaited> awaited, Service service) {
        long kept = ips.stream().filter(ip -> !ip.releasing()).count();
        int change = needed(spec, service) - (int) kept - awaited.size();
        return change >= 0 ? grow(ips, awaited, change) : shrink(ips, awaited, service, -change);
    }

    private static List<NatGatewayEvent> grow(List<Ip> ips, List<Awaited> awaited, int count) {
        var events = new ArrayList<NatGatewayEvent>();
        ips.stream()
                .filter(Ip::releasing)
                .limit(count)
                .forEach(ip -> events.add(new AddressRetained(ip.name(), ip.ip())));
        var taken = new HashSet<String>();
        ips.forEach(ip -> taken.add(ip.name()));
        awaited.forEach(a -> taken.add(a.name()));
        for (int i = 1; events.size() < count; i++) {
            if (taken.add("ip" + i)) {
                events.add(new AddressRequested("ip" + i));
            }
        }
        return events;
    }

    /** Takes from the tail: first what was not given yet, then what serves nobody. */
    private static List<NatGatewayEvent> shrink(
            List<Ip> ips, List<Awaited> awaited, Service service, int count) {
        var events = new ArrayList<NatGatewayEvent>();
        for (Awaited wish : awaited.reversed()) {
            if (events.size() < count) {
                events.add(new AddressReleased(wish.name(), null));
            }
        }
        for (Ip ip : ips.reversed()) {
            if (events.size() < count && !ip.releasing() && service.usedOf(ip.name()) == 0) {
                events.add(new AddressReleasing(ip.name(), ip.ip()));
            }
        }
        return events;
    }

    @Override
    public NatGateway evolve(NatGateway gateway, Event<NatGatewayEvent> event) {
        return switch (event.payload()) {
            case Created created -> created(created, event);
            case Updated updated -> updated(present(gateway, event), updated, event);
            case AddressRequested(var name) -> requested(present(gateway, event), name, event);
            case AddressAwaited(_, var reason, var message) -> {
                var before = present(gateway, event);
                yield new Present(
                        before.meta().seen(event),
                        before.spec(),
                        before.ips(),
                        before.awaited(),
                        before.service(),
                        with(before, waits(reason, message), ADDRESSES_ALLOCATED, event));
            }
            case AddressAssigned(var name, var ip, _) ->
                    assigned(present(gateway, event), new Ip(name, ip, 0, null), event);
            case AddressReleasing(var name, _) ->
                    releasing(present(gateway, event), name, event.sequence(), event);
            case AddressRetained(var name, _) ->
                    releasing(present(gateway, event), name, null, event);
            case AddressReleased(var name, _) -> released(present(gateway, event), name, event);
            case ServiceChanged(var service) -> served(present(gateway, event), service, event);
            case DeletionRequested() -> {
                var before = present(gateway, event);
                var meta = before.meta().deletionRequestedBy(event);
                yield new Present(
                        meta,
                        before.spec(),
                        before.ips(),
                        before.awaited(),
                        before.service(),
                        Condition.with(
                                before.conditions(),
                                WITHDRAWING.at(event, PORTS_WITHDRAWN, meta.generation())));
            }
            case Deleted() -> new Absent();
        };
    }

    private static NatGateway created(Created created, Event<?> event) {
        var meta = Meta.createdBy(event, created.labels(), created.annotations());
        var present =
                new Present(meta, created.spec(), List.of(), List.of(), Service.NONE, List.of());
        return served(present, Service.NONE, event);
    }

    private static NatGateway updated(Present before, Updated updated, Event<?> event) {
        boolean specChanged = !updated.spec().equals(before.spec());
        return new Present(
                before.meta()
                        .updatedBy(event, specChanged, updated.labels(), updated.annotations()),
                updated.spec(),
                before.ips(),
                before.awaited(),
                before.service(),
                before.conditions());
    }

    private static NatGateway requested(Present before, String name, Event<?> event) {
        var awaited = new ArrayList<>(before.awaited());
        awaited.add(new Awaited(name, event.sequence()));
        return new Present(
                before.meta().seen(event),
                before.spec(),
                before.ips(),
                awaited,
                before.service(),
                with(before, allocated(awaited), ADDRESSES_ALLOCATED, event));
    }

    private static Finding allocated(List<Awaited> awaited) {
        return awaited.isEmpty() ? Finding.holds("AddressesAllocated") : NOT_ANSWERED;
    }

    private static NatGateway assigned(Present before, Ip ip, Event<?> event) {
        var ips = new ArrayList<>(before.ips());
        ips.add(ip);
        ips.sort(Comparator.comparingInt(i -> Integer.parseInt(i.name().substring(2))));
        var awaited = before.awaited().stream().filter(a -> !a.name().equals(ip.name())).toList();
        // Why others still wait was told already.
        var finding =
                awaited.isEmpty()
                        ? allocated(awaited)
                        : Finding.in(before.conditions(), ADDRESSES_ALLOCATED);
        return new Present(
                before.meta().seen(event),
                before.spec(),
                ips,
                awaited,
                before.service(),
                with(before, finding, ADDRESSES_ALLOCATED, event));
    }

    private static NatGateway releasing(
            Present before, String name, @Nullable Long since, Event<?> event) {
        return new Present(
                before.meta().seen(event),
                before.spec(),
                before.ips().stream()
                        .map(ip ->
                                ip.name().equals(name)
                                        ? new Ip(name, ip.ip(), ip.used(), since)
                                        : ip)
                        .toList(),
                before.awaited(),
                before.service(),
                before.conditions());
    }

    private static NatGateway released(Present before, String name, Event<?> event) {
        var awaited = before.awaited().stream().filter(a -> !a.name().equals(name)).toList();
        return new Present(
                before.meta().seen(event),
                before.spec(),
                before.ips().stream().filter(ip -> !ip.name().equals(name)).toList(),
                awaited,
                before.service(),
                awaited.isEmpty()
                        ? with(before, allocated(awaited), ADDRESSES_ALLOCATED, event)
                        : before.conditions());
    }

    private static NatGateway served(Present before, Service service, Event<?> event) {
        int missing = service.requested() - service.used();
        var served =
                missing == 0
                        ? Finding.holds("AllServed")
                        : Finding.fails(
                                before.ips().isEmpty() ? "NoAddress" : "PortsExhausted",
                                "%d of %d interfaces are not served"
                                        .formatted(missing, service.requested()));
        var conditions =
                Condition.with(
                        with(before, served, ALL_SERVED, event),
                        describe(service.network())
                                .at(event, NETWORK_READY, before.meta().generation()));
        return new Present(
                before.meta().seen(event),
                before.spec(),
                before.ips().stream()
                        .map(ip ->
                                new Ip(
                                        ip.name(),
                                        ip.ip(),
                                        service.usedOf(ip.name()),
                                        ip.releasingSince()))
                        .toList(),
                before.awaited(),
                service,
                conditions);
    }

    private static Finding describe(NetworkFact network) {
        return switch (network) {
            case Missing -> Finding.fails("NetworkMissing", "the Network does not exist");
            case Pending -> Finding.fails("NetworkNotAvailable", "the Network is not Available");
            case Available -> Finding.holds("NetworkAvailable");
            case Deleting -> Finding.fails("NetworkDeleting", "the Network is being deleted");
        };
    }

    private static List<Condition> with(
            Present before, Finding finding, String type, Event<?> event) {
        return Condition.with(
                before.conditions(), finding.at(event, type, before.meta().generation()));
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(NatGateway gateway, Event<?> event) {
        return switch (gateway) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(event + " of a NATGateway that does not exist");
        };
    }
}
