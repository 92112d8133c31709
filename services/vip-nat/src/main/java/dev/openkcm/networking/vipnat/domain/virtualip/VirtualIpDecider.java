package dev.openkcm.networking.vipnat.domain.virtualip;

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
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp.Absent;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp.Present;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Apply;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Delete;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Granted;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Named;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.QueueChanged;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.AddressAssigned;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.AddressAwaited;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.Created;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.Deleted;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.TargetAssigned;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.TargetReleased;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.Updated;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.WaitingChanged;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of VirtualIPs. Start reading here. */
public final class VirtualIpDecider
        implements Decider<VirtualIp, VirtualIpCommand, VirtualIpEvent> {

    public static final String ADDRESS_ALLOCATED = "AddressAllocated";
    public static final String ATTACHED = "Attached";

    private static final Finding NOT_ASKED = Finding.fails("Pending", "waits for an address");
    private static final Finding NOT_CLAIMED =
            Finding.fails("NotClaimed", "no NetworkInterface or LoadBalancer names it");

    @Override
    public VirtualIp absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(VirtualIp virtualIp) {
        return switch (virtualIp) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<VirtualIpEvent> decide(VirtualIp virtualIp, Command<VirtualIpCommand> command) {
        return switch (command.payload()) {
            case Apply apply -> apply(virtualIp, command, canonical(apply));
            case Delete _ ->
                    switch (virtualIp) {
                        case Absent _ -> reject(Rejection.notFound("VirtualIP " + command.key()));
                        case Present present -> delete(present);
                    };
            case Granted(var grant) ->
                    switch (virtualIp) {
                        case Absent _ -> unchanged();
                        case Present present -> granted(present, grant);
                    };
            case QueueChanged(var queue) ->
                    switch (virtualIp) {
                        case Absent _ -> unchanged();
                        case Present present ->
                                accept(settle(present.target(), present.waiting(), queue));
                    };
            case Named _ -> unchanged();
        };
    }

    private static Apply canonical(Apply apply) {
        return new Apply(
                apply.labels(), apply.annotations(), apply.spec().canonical(), apply.queue());
    }

    private static Decision<VirtualIpEvent> apply(
            VirtualIp virtualIp, Command<VirtualIpCommand> command, Apply apply) {
        var causes = VirtualIpValidation.causes(virtualIp, apply);
        if (!causes.isEmpty()) {
            return reject(Rejection.invalid("VirtualIP " + command.key(), causes));
        }
        return switch (virtualIp) {
            case Absent _ -> {
                var events = new ArrayList<VirtualIpEvent>();
                events.add(new Created(apply.labels(), apply.annotations(), apply.spec()));
                events.addAll(settle(null, Waiting.NONE, apply.queue()));
                yield accept(events);
            }
            case Present present -> {
                boolean same =
                        apply.labels().equals(present.meta().labels())
                                && apply.annotations().equals(present.meta().annotations());
                yield same
                        ? unchanged()
                        : accept(new Updated(apply.labels(), apply.annotations(), apply.spec()));
            }
        };
    }

    /** One in use is detached first, so that nobody uses an address that is gone. */
    private static Decision<VirtualIpEvent> delete(Present virtualIp) {
        var target = virtualIp.target();
        return target == null
                ? accept(new Deleted())
                : accept(new TargetReleased(target), new Deleted());
    }

    private static Decision<VirtualIpEvent> granted(Present virtualIp, Grant grant) {
        if (!grant.uid().equals(virtualIp.meta().uid().toString()) || virtualIp.ip() != null) {
            return unchanged(); // An address, once given, is kept as long as the resource.
        }
        String address = grant.address();
        if (address != null) {
            return accept(new AddressAssigned(address, grant.poolOrNone()));
        }
        var awaited = new AddressAwaited(grant.reasonOrNone(), grant.messageOrNone());
        boolean known =
                Finding.in(virtualIp.conditions(), ADDRESS_ALLOCATED).equals(describe(awaited));
        return known ? unchanged() : accept(awaited);
    }

    private static Finding describe(AddressAwaited awaited) {
        return Finding.fails(awaited.reason(), awaited.message());
    }

    private static List<VirtualIpEvent> settle(
            @Nullable Target target, Waiting waiting, Queue queue) {
        var events = new ArrayList<VirtualIpEvent>();
        var holder = queue.holder(target);
        if (target != null && !target.equals(holder)) {
            events.add(new TargetReleased(target));
        }
        if (holder != null && !holder.equals(target)) {
            events.add(new TargetAssigned(holder));
        }
        var now = queue.waiting(holder);
        if (!now.equals(waiting)) {
            events.add(new WaitingChanged(now));
        }
        return events;
    }

    @Override
    public VirtualIp evolve(VirtualIp virtualIp, Event<VirtualIpEvent> event) {
        return switch (event.payload()) {
            case Created created -> created(created, event);
            case Updated updated -> updated(present(virtualIp, event), updated, event);
            case AddressAssigned(var ip, var pool) -> {
                var before = present(virtualIp, event);
                yield new Present(
                        before.meta().seen(event),
                        before.spec(),
                        ip,
                        pool,
                        before.target(),
                        before.waiting(),
                        with(before, Finding.holds("AddressAllocated"), ADDRESS_ALLOCATED, event));
            }
            case AddressAwaited awaited -> {
                var before = present(virtualIp, event);
                yield new Present(
                        before.meta().seen(event),
                        before.spec(),
                        before.ip(),
                        before.pool(),
                        before.target(),
                        before.waiting(),
                        with(before, describe(awaited), ADDRESS_ALLOCATED, event));
            }
            case TargetAssigned(var target) -> withTarget(present(virtualIp, event), target, event);
            case TargetReleased _ -> withTarget(present(virtualIp, event), null, event);
            case WaitingChanged(var waiting) -> {
                var before = present(virtualIp, event);
                yield new Present(
                        before.meta().seen(event),
                        before.spec(),
                        before.ip(),
                        before.pool(),
                        before.target(),
                        waiting,
                        before.conditions());
            }
            case Deleted() -> new Absent();
        };
    }

    private static VirtualIp created(Created created, Event<?> event) {
        var meta = Meta.createdBy(event, created.labels(), created.annotations());
        return new Present(
                meta,
                created.spec(),
                null,
                null,
                null,
                Waiting.NONE,
                List.of(
                        NOT_ASKED.at(event, ADDRESS_ALLOCATED, meta.generation()),
                        NOT_CLAIMED.at(event, ATTACHED, meta.generation())));
    }

    private static VirtualIp updated(Present before, Updated updated, Event<?> event) {
        return new Present(
                before.meta().updatedBy(event, false, updated.labels(), updated.annotations()),
                before.spec(),
                before.ip(),
                before.pool(),
                before.target(),
                before.waiting(),
                before.conditions());
    }

    private static VirtualIp withTarget(Present before, @Nullable Target target, Event<?> event) {
        var finding =
                target == null
                        ? NOT_CLAIMED
                        : new Finding(Condition.Status.True, "Attached", "to " + target);
        return new Present(
                before.meta().seen(event),
                before.spec(),
                before.ip(),
                before.pool(),
                target,
                before.waiting(),
                with(before, finding, ATTACHED, event));
    }

    private static List<Condition> with(
            Present before, Finding finding, String type, Event<?> event) {
        return Condition.with(
                before.conditions(), finding.at(event, type, before.meta().generation()));
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(VirtualIp virtualIp, Event<?> event) {
        return switch (virtualIp) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(event + " of a VirtualIP that does not exist");
        };
    }
}
