package dev.openkcm.networking.kernel;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The behaviour of one kind of resource, as two pure functions.
 *
 * @param <S> the state: the resource as published, or its absence
 * @param <C> what can be asked of it or learned about it
 * @param <E> what can happen to it
 */
public interface Decider<S, C, E> {

    /** The state of a resource that nobody has created yet, or that is gone. */
    S absent();

    /** Chooses the events that a command causes, or the reason why it causes none. */
    Decision<E> decide(S state, Command<C> command);

    /** Applies an event. Total: an event on the log is a fact and can't be refused here. */
    S evolve(S state, Event<E> event);

    /** What the resource says of itself, or null while there is none. */
    @Nullable Meta meta(S state);

    /** Applies events in order. */
    default S fold(S state, Collection<Event<E>> events) {
        for (Event<E> event : events) {
            state = evolve(state, event);
        }
        return state;
    }
}
