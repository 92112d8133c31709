package dev.openkcm.networking.vipnat.domain.addresspool;

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
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool.Absent;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool.Present;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand.Apply;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand.Delete;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand.UtilisationObserved;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.Created;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.Deleted;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.DeletionRequested;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.Updated;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.UtilisationChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules of AddressPools. Start reading here. */
public final class AddressPoolDecider
        implements Decider<AddressPool, AddressPoolCommand, AddressPoolEvent> {

    public static final String ADDRESSES_EXHAUSTED = "AddressesExhausted";
    public static final String CIDRS_CONFLICT = "CidrsConflict";
    public static final String DELETION_BLOCKED = "DeletionBlocked";

    @Override
    public AddressPool absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(AddressPool pool) {
        return switch (pool) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<AddressPoolEvent> decide(
            AddressPool pool, Command<AddressPoolCommand> command) {
        return switch (command.payload()) {
            case Apply apply -> apply(pool, command, apply);
            case Delete _ ->
                    switch (pool) {
                        case Absent _ -> reject(Rejection.notFound("AddressPool " + command.key()));
                        case Present present ->
                                present.meta().deleting()
                                        ? unchanged()
                                        : accept(new DeletionRequested());
                    };
            case UtilisationObserved observed ->
                    switch (pool) {
                        case Absent _ -> unchanged();
                        case Present present -> observed(present, observed);
                    };
        };
    }

    private static Decision<AddressPoolEvent> apply(
            AddressPool pool, Command<AddressPoolCommand> command, Apply apply) {
        var causes = AddressPoolValidation.causes(pool, apply);
        if (!causes.isEmpty()) {
            return reject(Rejection.invalid("AddressPool " + command.key(), causes));
        }
        return switch (pool) {
            case Absent _ -> accept(new Created(apply.labels(), apply.annotations(), apply.spec()));
            case Present present when present.meta().deleting() ->
                    reject(
                            Rejection.conflict(
                                    "AddressPool %s is being deleted".formatted(command.key())));
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
     * A pool goes once nobody holds an address of it, as counted after the allocator stopped giving
     * any.
     */
    private static Decision<AddressPoolEvent> observed(Present pool, UtilisationObserved observed) {
        if (!observed.uid().equals(pool.meta().uid().toString())) {
            return unchanged();
        }
        var events = new ArrayList<AddressPoolEvent>();
        if (!observed.utilisation().equals(pool.utilisation())) {
            events.add(new UtilisationChanged(observed.utilisation()));
        }
        if (pool.meta().deleting()
                && observed.deleting()
                && observed.utilisation().allocated() == 0) {
            events.add(new Deleted());
        }
        return accept(events);
    }

    @Override
    public AddressPool evolve(AddressPool pool, Event<AddressPoolEvent> event) {
        return switch (event.payload()) {
            case Created created ->
                    new Present(
                            Meta.createdBy(event, created.labels(), created.annotations()),
                            created.spec(),
                            Utilisation.UNKNOWN,
                            List.of());
            case Updated updated -> {
                var before = present(pool, event);
                boolean specChanged = !updated.spec().equals(before.spec());
                yield new Present(
                        before.meta()
                                .updatedBy(
                                        event,
                                        specChanged,
                                        updated.labels(),
                                        updated.annotations()),
                        updated.spec(),
                        before.utilisation(),
                        before.conditions());
            }
            case UtilisationChanged(var utilisation) ->
                    used(present(pool, event), utilisation, event);
            case DeletionRequested() -> {
                var before = present(pool, event);
                yield used(
                        new Present(
                                before.meta().deletionRequestedBy(event),
                                before.spec(),
                                before.utilisation(),
                                before.conditions()),
                        before.utilisation(),
                        event);
            }
            case Deleted() -> new Absent();
        };
    }

    private static AddressPool used(Present before, Utilisation utilisation, Event<?> event) {
        var meta = before.meta().seen(event);
        boolean exhausted = utilisation.free().signum() == 0;
        var conditions =
                Condition.with(
                        before.conditions(),
                        condition(
                                ADDRESSES_EXHAUSTED,
                                exhausted,
                                exhausted ? "NoFreeAddress" : "AddressesFree",
                                utilisation.waiting() == 0
                                        ? ""
                                        : "%d claims wait for an %s address"
                                                .formatted(
                                                        utilisation.waiting(),
                                                        before.spec().ipFamily()),
                                meta,
                                event));
        conditions = conflicts(conditions, utilisation, meta, event);
        if (meta.deleting()) {
            conditions =
                    Condition.with(
                            conditions,
                            condition(
                                    DELETION_BLOCKED,
                                    true,
                                    "AddressesHeld",
                                    "%d addresses are still held"
                                            .formatted(utilisation.allocated()),
                                    meta,
                                    event));
        }
        return new Present(meta, before.spec(), utilisation, conditions);
    }

    private static List<Condition> conflicts(
            List<Condition> conditions, Utilisation utilisation, Meta meta, Event<?> event) {
        if (utilisation.conflicts().isEmpty()) {
            return Condition.without(conditions, CIDRS_CONFLICT);
        }
        String message =
                utilisation.conflicts().stream()
                        .map(c ->
                                "%s is not used: it overlaps %s of AddressPool %s"
                                        .formatted(c.cidr(), c.other(), c.pool()))
                        .collect(Collectors.joining("; "));
        return Condition.with(
                conditions, condition(CIDRS_CONFLICT, true, "Overlap", message, meta, event));
    }

    private static Condition condition(
            String type, boolean holds, String reason, String message, Meta meta, Event<?> event) {
        return new Condition(
                type,
                holds ? Condition.Status.True : Condition.Status.False,
                reason,
                message,
                meta.generation(),
                event.time());
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(AddressPool pool, Event<?> event) {
        return switch (pool) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(
                            event + " of an AddressPool that does not exist");
        };
    }
}
