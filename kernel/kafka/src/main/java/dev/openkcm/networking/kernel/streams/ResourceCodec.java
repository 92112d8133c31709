package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Event;
import org.apache.avro.specific.SpecificRecord;

/**
 * The only place where a kind's domain and its Avro records meet.
 *
 * @param <S> the state
 * @param <C> what can be asked of it or learned about it
 * @param <E> what can happen to it
 */
public interface ResourceCodec<S, C, E> {

    /** The envelope of commands, with the fields that all kinds' envelopes have. */
    Class<? extends SpecificRecord> commandType();

    /** The action of the envelope that creates or replaces; also what a manifest is read into. */
    Class<? extends SpecificRecord> applyType();

    Class<? extends SpecificRecord> eventType();

    Class<? extends SpecificRecord> stateType();

    /** The envelope of observations, whose field {@code observation} is a union. */
    Class<? extends SpecificRecord> observationType();

    C apply(SpecificRecord apply);

    C delete();

    /** One branch of the union of observations. */
    C observation(SpecificRecord observation);

    SpecificRecord event(Event<E> event);

    Event<E> event(SpecificRecord event);

    /** Only called while the resource exists. */
    SpecificRecord state(S present);

    S state(SpecificRecord state);
}
