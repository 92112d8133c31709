package dev.openkcm.networking.policy.domain;

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
import dev.openkcm.networking.policy.domain.NetworkPolicy.Absent;
import dev.openkcm.networking.policy.domain.NetworkPolicy.Present;
import dev.openkcm.networking.policy.domain.NetworkPolicy.State;
import dev.openkcm.networking.policy.domain.PolicyCommand.Apply;
import dev.openkcm.networking.policy.domain.PolicyCommand.Compilation;
import dev.openkcm.networking.policy.domain.PolicyCommand.Delete;
import dev.openkcm.networking.policy.domain.PolicyEvent.Compiled;
import dev.openkcm.networking.policy.domain.PolicyEvent.Created;
import dev.openkcm.networking.policy.domain.PolicyEvent.Deleted;
import dev.openkcm.networking.policy.domain.PolicyEvent.Updated;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of NetworkPolicies. Start reading here. */
public final class NetworkPolicyDecider
        implements Decider<NetworkPolicy, PolicyCommand, PolicyEvent> {

    public static final String COMPILED = "Compiled";
    public static final String NETWORK_READY = "NetworkReady";
    public static final String SELECTS_NOTHING = "SelectsNothing";

    private static final int PATHS_TOLD = 10;

    @Override
    public NetworkPolicy absent() {
        return new Absent();
    }

    @Override
    public @Nullable Meta meta(NetworkPolicy policy) {
        return switch (policy) {
            case Absent _ -> null;
            case Present present -> present.meta();
        };
    }

    @Override
    public Decision<PolicyEvent> decide(NetworkPolicy policy, Command<PolicyCommand> command) {
        return switch (command.payload()) {
            case Apply apply -> apply(policy, command, withDefaults(apply));
            case Delete _ ->
                    switch (policy) {
                        case Absent _ ->
                                reject(Rejection.notFound("NetworkPolicy " + command.key()));
                        case Present _ -> accept(new Deleted());
                    };
            case PolicyCommand.Compiled(var compilation) ->
                    switch (policy) {
                        case Absent _ -> unchanged();
                        case Present present -> compiled(present, compilation);
                    };
        };
    }

    private static Apply withDefaults(Apply apply) {
        return new Apply(apply.labels(), apply.annotations(), apply.spec().withDefaults());
    }

    private static Decision<PolicyEvent> apply(
            NetworkPolicy policy, Command<PolicyCommand> command, Apply apply) {
        var causes = PolicyValidation.causes(policy, apply);
        if (!causes.isEmpty()) {
            return reject(Rejection.invalid("NetworkPolicy " + command.key(), causes));
        }
        return switch (policy) {
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

    /** What is told of an earlier spec says nothing about the present one. */
    private static Decision<PolicyEvent> compiled(Present policy, Compilation told) {
        if (told.generation() != policy.meta().generation()) {
            return unchanged();
        }
        boolean same =
                told.interfaces() == policy.interfaces()
                        && told.rules() == policy.rules()
                        && Finding.of(policy, NETWORK_READY).equals(network(told.network()))
                        && Finding.of(policy, COMPILED).equals(compilation(told))
                        && Finding.of(policy, SELECTS_NOTHING).equals(dangling(told.dangling()));
        return same ? unchanged() : accept(new Compiled(told));
    }

    /** What a condition says, apart from when. */
    private record Finding(Condition.Status status, String reason, String message) {

        static final Finding NONE = new Finding(Condition.Status.Unknown, "", "");

        static Finding of(Present policy, String type) {
            return Condition.find(policy.conditions(), type)
                    .map(c -> new Finding(c.status(), c.reason(), c.message()))
                    .orElse(NONE);
        }

        Condition at(Event<?> event, String type, long generation) {
            return new Condition(type, status, reason, message, generation, event.time());
        }
    }

    private static final Finding NOT_COMPILED =
            new Finding(Condition.Status.Unknown, "Compiling", "the rules are not compiled yet");

    private static Finding compilation(Compilation told) {
        return told.network() == NetworkFact.Missing
                ? new Finding(
                        Condition.Status.False,
                        "NetworkMissing",
                        "the rules are compiled once the Network exists")
                : new Finding(Condition.Status.True, "Compiled", "");
    }

    private static Finding network(NetworkFact network) {
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

    private static Finding dangling(List<String> paths) {
        if (paths.isEmpty()) {
            return Finding.NONE;
        }
        var told = String.join(", ", paths.subList(0, Math.min(PATHS_TOLD, paths.size())));
        int more = paths.size() - PATHS_TOLD;
        return new Finding(
                Condition.Status.True,
                "NoMatch",
                "nothing matches now: " + told + (more > 0 ? " and %d more".formatted(more) : ""));
    }

    @Override
    public NetworkPolicy evolve(NetworkPolicy policy, Event<PolicyEvent> event) {
        return switch (event.payload()) {
            case Created created -> created(created, event);
            case Updated updated -> updated(present(policy, event), updated, event);
            case Compiled(var compilation) -> compiled(present(policy, event), compilation, event);
            case Deleted() -> new Absent();
        };
    }

    private static NetworkPolicy created(Created created, Event<?> event) {
        var meta = Meta.createdBy(event, created.labels(), created.annotations());
        return new Present(
                meta,
                created.spec(),
                State.Pending,
                0,
                0,
                List.of(NOT_COMPILED.at(event, COMPILED, meta.generation())));
    }

    private static NetworkPolicy updated(Present policy, Updated updated, Event<?> event) {
        boolean changed = !updated.spec().equals(policy.spec());
        var meta = policy.meta().updatedBy(event, changed, updated.labels(), updated.annotations());
        return new Present(
                meta,
                updated.spec(),
                changed ? State.Pending : policy.state(),
                policy.interfaces(),
                policy.rules(),
                changed
                        ? Condition.with(
                                policy.conditions(),
                                NOT_COMPILED.at(event, COMPILED, meta.generation()))
                        : policy.conditions());
    }

    /** A policy stays in force while the deletion of its Network waits for it. */
    private static NetworkPolicy compiled(Present policy, Compilation told, Event<?> event) {
        long generation = told.generation();
        var conditions = policy.conditions();
        conditions =
                Condition.with(
                        conditions, network(told.network()).at(event, NETWORK_READY, generation));
        conditions = Condition.with(conditions, compilation(told).at(event, COMPILED, generation));
        var nothing = dangling(told.dangling());
        conditions =
                nothing.equals(Finding.NONE)
                        ? Condition.without(conditions, SELECTS_NOTHING)
                        : Condition.with(
                                conditions, nothing.at(event, SELECTS_NOTHING, generation));
        boolean works =
                told.network() == NetworkFact.Available || told.network() == NetworkFact.Deleting;
        return new Present(
                policy.meta().seen(event),
                policy.spec(),
                works ? State.Available : State.Pending,
                told.interfaces(),
                told.rules(),
                conditions);
    }

    /**
     * Only a corrupt log reaches the exception: nothing but a creation happens to what is absent.
     */
    private static Present present(NetworkPolicy policy, Event<?> event) {
        return switch (policy) {
            case Present present -> present;
            case Absent _ ->
                    throw new IllegalStateException(
                            event + " of a NetworkPolicy that does not exist");
        };
    }
}
