package dev.openkcm.networking.loadbalancer.domain;

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
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.Absent;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.Present;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.State;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.AddressGranted;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.Apply;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.Delete;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.GrantEnded;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.RoutingEnded;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.VirtualIpObserved;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.Created;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.Deleted;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.DeletionRequested;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.NetworkAnswered;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.PublicAddressChanged;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.Updated;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.VirtualIpAttached;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.VirtualIpAwaited;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.VirtualIpDetached;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of LoadBalancers. Start reading here. */
public final class LoadBalancerDecider
        implements Decider<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> {

    public static final String NETWORK_READY = "NetworkReady";
    public static final String ADDRESSES_READY = "AddressesReady";
    public static final String ROUTING_ENDED = "RoutingEnded";

    @Override
    public LoadBalancer absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(LoadBalancer balancer) {
        return switch (balancer) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<LoadBalancerEvent> decide(
            LoadBalancer balancer, Command<LoadBalancerCommand> command) {
        return switch (balancer) {
            case Absent _ -> decideAbsent(command);
            case Present present ->
                    switch (command.payload()) {
                        case Apply apply -> apply(present, command, withDefaults(apply));
                        case Delete _ ->
                                present.meta().deleting()
                                        ? unchanged()
                                        : accept(new DeletionRequested());
                        case RoutingEnded(var uid) -> routingEnded(present, uid);
                        case LoadBalancerCommand.NetworkAnswered answer ->
                                networkAnswered(present, answer);
                        case AddressGranted granted -> granted(present, granted);
                        case GrantEnded(var slot) -> grantEnded(present, slot);
                        case VirtualIpObserved observed -> virtualIp(present, observed);
                        case LoadBalancerCommand.VirtualIpAwaited(var awaited) ->
                                awaited(present, awaited);
                    };
        };
    }

    private static Decision<LoadBalancerEvent> decideAbsent(Command<LoadBalancerCommand> command) {
        return switch (command.payload()) {
            case Apply apply -> apply(new Absent(), command, withDefaults(apply));
            case Delete _ -> reject(Rejection.notFound("LoadBalancer " + command.key()));
            case LoadBalancerCommand.NetworkAnswered _ -> unchanged();
            case AddressGranted _ -> unchanged();
            case GrantEnded _ -> unchanged();
            case VirtualIpObserved _ -> unchanged();
            case LoadBalancerCommand.VirtualIpAwaited _ -> unchanged();
            case RoutingEnded _ -> unchanged();
        };
    }

    private static Apply withDefaults(Apply apply) {
        return new Apply(apply.labels(), apply.annotations(), apply.spec().withDefaults());
    }

    private static Decision<LoadBalancerEvent> apply(
            LoadBalancer balancer, Command<LoadBalancerCommand> command, Apply apply) {
        if (balancer instanceof Present present && present.meta().deleting()) {
            return reject(
                    Rejection.conflict(
                            "LoadBalancer %s is being deleted".formatted(command.key())));
        }
        var causes = LoadBalancerValidation.causes(balancer, apply);
        if (!causes.isEmpty()) {
            return reject(Rejection.invalid("LoadBalancer " + command.key(), causes));
        }
        return switch (balancer) {
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

    /** An answer to an earlier claim, or to an earlier balancer of the name, says nothing. */
    private static Decision<LoadBalancerEvent> networkAnswered(
            Present balancer, LoadBalancerCommand.NetworkAnswered answer) {
        var facts = balancer.facts();
        boolean stale =
                !answer.uid().equals(balancer.meta().uid().toString())
                        || answer.claim() != facts.claim();
        if (stale || facts.answered(answer.network(), answer.conflicts()).equals(facts)) {
            return unchanged();
        }
        return accept(new NetworkAnswered(answer.network(), answer.claim(), answer.conflicts()));
    }

    private static Decision<LoadBalancerEvent> granted(Present balancer, AddressGranted granted) {
        if (!granted.uid().equals(balancer.meta().uid().toString())) {
            return unchanged();
        }
        return balancer.facts()
                .publicAddress(granted.slot())
                .filter(known -> granted.claim() >= known.claim())
                .map(known -> change(known, granted.ip(), granted.reason(), granted.message()))
                .orElse(unchanged());
    }

    private static Decision<LoadBalancerEvent> grantEnded(Present balancer, String slot) {
        return balancer.facts()
                .publicAddress(slot)
                .map(known -> change(known, null, null, null))
                .orElse(unchanged());
    }

    private static Decision<LoadBalancerEvent> change(
            PublicAddress known,
            @Nullable String ip,
            @Nullable String reason,
            @Nullable String message) {
        var changed = new PublicAddress(known.slot(), known.claim(), ip, reason, message);
        return changed.equals(known)
                ? unchanged()
                : accept(new PublicAddressChanged(known.slot(), ip, reason, message));
    }

    private static Decision<LoadBalancerEvent> virtualIp(
            Present balancer, VirtualIpObserved observed) {
        boolean attached = balancer.facts().frontEnds().contains(observed.frontEnd());
        if (attached == observed.attached()) {
            return unchanged();
        }
        return observed.attached()
                ? accept(new VirtualIpAttached(observed.frontEnd()))
                : accept(new VirtualIpDetached(observed.frontEnd()));
    }

    private static Decision<LoadBalancerEvent> awaited(Present balancer, AwaitedVirtualIp awaited) {
        boolean news =
                balancer.spec().virtualIps().contains(awaited.virtualIp())
                        && !balancer.facts().awaited().contains(awaited);
        return news ? accept(new VirtualIpAwaited(awaited)) : unchanged();
    }

    /** Its addresses are given back only now, when nothing leads from them to an interface. */
    private static Decision<LoadBalancerEvent> routingEnded(Present balancer, String uid) {
        return balancer.meta().deleting() && uid.equals(balancer.meta().uid().toString())
                ? accept(new Deleted())
                : unchanged();
    }

    @Override
    public LoadBalancer evolve(LoadBalancer balancer, Event<LoadBalancerEvent> event) {
        return switch (event.payload()) {
            case Created created -> created(created, event);
            case Updated updated -> updated(present(balancer, event), updated, event);
            case NetworkAnswered(var network, _, var conflicts) -> {
                var before = present(balancer, event);
                yield told(before, before.facts().answered(network, conflicts), event);
            }
            case PublicAddressChanged(var slot, var ip, var reason, var message) -> {
                var before = present(balancer, event);
                long claim =
                        before.facts().publicAddress(slot).map(PublicAddress::claim).orElse(0L);
                yield told(
                        before,
                        before.facts().with(new PublicAddress(slot, claim, ip, reason, message)),
                        event);
            }
            case VirtualIpAttached(var frontEnd) -> {
                var before = present(balancer, event);
                yield told(before, before.facts().with(frontEnd), event);
            }
            case VirtualIpDetached(var frontEnd) -> {
                var before = present(balancer, event);
                yield told(before, before.facts().without(frontEnd.virtualIp()), event);
            }
            case VirtualIpAwaited(var awaited) -> {
                var before = present(balancer, event);
                yield told(before, before.facts().with(awaited), event);
            }
            case DeletionRequested() -> deletionRequested(present(balancer, event), event);
            case Deleted() -> new Absent();
        };
    }

    private static LoadBalancer created(Created created, Event<?> event) {
        var meta = Meta.createdBy(event, created.labels(), created.annotations());
        var nothing =
                new Present(
                        meta,
                        created.spec(),
                        Facts.claimed(meta.generation()),
                        State.Pending,
                        event.time(),
                        List.of(),
                        List.of());
        return concluded(nothing, meta, created.spec(), nothing.facts(), event);
    }

    private static LoadBalancer updated(Present before, Updated updated, Event<?> event) {
        var meta =
                before.meta()
                        .updatedBy(
                                event,
                                !updated.spec().equals(before.spec()),
                                updated.labels(),
                                updated.annotations());
        boolean sameClaims = updated.spec().claims().equals(before.spec().claims());
        var facts = sameClaims ? before.facts() : before.facts().reclaimed(meta.generation());
        return concluded(before, meta, updated.spec(), facts, event);
    }

    private static LoadBalancer deletionRequested(Present before, Event<?> event) {
        var meta = before.meta().deletionRequestedBy(event);
        var waiting =
                new Present(
                        meta,
                        before.spec(),
                        before.facts(),
                        before.state(),
                        before.since(),
                        before.ips(),
                        Condition.with(
                                before.conditions(),
                                Finding.WITHDRAWING.at(event, ROUTING_ENDED, meta.generation())));
        return concluded(waiting, meta, before.spec(), before.facts(), event);
    }

    private static LoadBalancer told(Present before, Facts facts, Event<?> event) {
        return concluded(before, before.meta().seen(event), before.spec(), facts, event);
    }

    /** Everything that a balancer says of itself, from its spec and what it was told. */
    private static LoadBalancer concluded(
            Present before, Meta meta, LoadBalancerSpec spec, Facts told, Event<?> event) {
        var facts = told.settled(spec, event.sequence());
        var network = Finding.ofNetwork(facts.network());
        var addresses = Finding.ofAddresses(spec, facts);
        var state =
                meta.deleting()
                        ? State.Deleting
                        : state(before.state(), facts.network(), addresses);
        Instant since = state == before.state() ? before.since() : event.time();
        var conditions =
                Condition.with(
                        Condition.with(
                                before.conditions(),
                                network.at(event, NETWORK_READY, meta.generation())),
                        addresses.at(event, ADDRESSES_READY, meta.generation()));
        return new Present(
                meta, spec, facts, state, since, Finding.addresses(spec, facts), conditions);
    }

    /** A balancer that works goes on working while the deletion of its Network waits for it. */
    private static State state(State before, NetworkFact network, Finding addresses) {
        if (addresses.error()) {
            return State.Error;
        }
        boolean networkServes =
                network == NetworkFact.Available
                        || (network == NetworkFact.Deleting && before == State.Available);
        return networkServes && addresses.holds() ? State.Available : State.Pending;
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(LoadBalancer balancer, Event<?> event) {
        return switch (balancer) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(
                            event + " of a LoadBalancer that does not exist");
        };
    }
}
