package dev.openkcm.networking.kernel;

import dev.openkcm.networking.kernel.CommandResult.Outcome;
import dev.openkcm.networking.kernel.Decision.Accepted;
import dev.openkcm.networking.kernel.Decision.Rejected;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One step of the machine: check the version, decide, number the events, evolve.
 *
 * <p>Pure. What makes it reliable (order per key, recognising retries, storing and publishing
 * together) is the caller's.
 */
public final class CommandHandler<S, C, E> {

    /**
     * What the caller must store and publish, together or not at all.
     *
     * @param result the answer to publish; null for observations, which nobody waits for
     */
    public record Handled<S, E>(
            S before,
            Snapshot<S> snapshot,
            List<Event<E>> events,
            @Nullable CommandResult result) {}

    private final Decider<S, C, E> decider;

    public CommandHandler(Decider<S, C, E> decider) {
        this.decider = decider;
    }

    /** Answers a command from outside; a dry run leaves the snapshot as it is. */
    public Handled<S, E> handle(Snapshot<S> snapshot, Command<C> command) {
        var meta = decider.meta(snapshot.state());
        if (isStale(meta, command)) {
            return refuse(snapshot, command, stale(meta, command));
        }
        return switch (decider.decide(snapshot.state(), command)) {
            case Rejected<E>(var rejection) -> refuse(snapshot, command, rejection);
            case Accepted<E>(var payloads) -> {
                var applied = apply(snapshot, command, payloads);
                var result =
                        new CommandResult(
                                command.id(),
                                payloads.isEmpty() ? Outcome.Unchanged : Outcome.Accepted,
                                applied.uid(),
                                applied.sequence(),
                                meta == null && !payloads.isEmpty(),
                                command.dryRun(),
                                null,
                                command.at());
                yield new Handled<>(
                        snapshot.state(),
                        command.dryRun()
                                ? snapshot
                                : new Snapshot<>(applied.state(), applied.lastEventAt()),
                        applied.events(),
                        result);
            }
        };
    }

    /** Takes note of something learned elsewhere; nobody is answered. */
    public Handled<S, E> observe(Snapshot<S> snapshot, Command<C> observation) {
        return switch (decider.decide(snapshot.state(), observation)) {
            case Accepted<E>(var payloads) -> {
                var applied = apply(snapshot, observation, payloads);
                yield new Handled<>(
                        snapshot.state(),
                        new Snapshot<>(applied.state(), applied.lastEventAt()),
                        applied.events(),
                        null);
            }
            case Rejected<E>(var rejection) ->
                    throw new IllegalStateException(
                            "an observation can't be refused: " + rejection.message());
        };
    }

    private static boolean isStale(@Nullable Meta meta, Command<?> command) {
        var expected = command.expectedResourceVersion();
        return expected != null && expected != (meta == null ? 0 : meta.resourceVersion());
    }

    private static Rejection stale(@Nullable Meta meta, Command<?> command) {
        String present =
                meta == null ? "it does not exist" : "it is at version " + meta.resourceVersion();
        String message =
                "the command expects version %d, but %s"
                        .formatted(command.expectedResourceVersion(), present);
        return new Rejection(
                Rejection.Reason.Conflict,
                message,
                List.of(
                        new Cause(
                                Cause.Reason.FieldValueInvalid,
                                "metadata.resourceVersion",
                                message)));
    }

    private Handled<S, E> refuse(Snapshot<S> snapshot, Command<C> command, Rejection rejection) {
        var meta = decider.meta(snapshot.state());
        var result =
                new CommandResult(
                        command.id(),
                        Outcome.Rejected,
                        meta == null ? null : meta.uid(),
                        meta == null ? null : meta.resourceVersion(),
                        false,
                        command.dryRun(),
                        rejection,
                        command.at());
        return new Handled<>(snapshot.state(), snapshot, List.of(), result);
    }

    private record Applied<S, E>(
            S state, List<Event<E>> events, Instant lastEventAt, UUID uid, long sequence) {}

    private Applied<S, E> apply(Snapshot<S> snapshot, Command<C> command, List<E> payloads) {
        var meta = decider.meta(snapshot.state());
        var uid = meta == null ? command.newUid() : meta.uid();
        long sequence = meta == null ? 0 : meta.resourceVersion();
        // A clock that goes back must not make a history that goes back.
        var time =
                command.at().isBefore(snapshot.lastEventAt())
                        ? snapshot.lastEventAt()
                        : command.at();
        var events = new ArrayList<Event<E>>(payloads.size());
        var state = snapshot.state();
        for (E payload : payloads) {
            var event =
                    new Event<>(
                            command.key(),
                            uid,
                            ++sequence,
                            time,
                            command.id(),
                            command.actor(),
                            payload);
            events.add(event);
            state = decider.evolve(state, event);
        }
        return new Applied<>(
                state,
                List.copyOf(events),
                payloads.isEmpty() ? snapshot.lastEventAt() : time,
                uid,
                sequence);
    }
}
