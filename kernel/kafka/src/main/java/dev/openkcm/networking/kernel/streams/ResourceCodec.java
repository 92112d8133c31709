package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Event;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/**
 * The only place where a kind's domain and its Avro records meet.
 *
 * @param <S> the state
 * @param <C> what can be asked of it or learned about it
 * @param <E> what can happen to it
 */
public interface ResourceCodec<S, C, E> {

    /**
     * The records of a kind.
     *
     * @param command the envelope of commands, with the fields that all kinds' envelopes have
     * @param apply the action of that envelope that creates or replaces; a manifest is read into it
     * @param event the envelope of events, with the fields that all kinds' envelopes have
     * @param observation the envelope of observations, whose field {@code observation} is a union
     */
    record Types(
            Class<? extends SpecificRecord> command,
            Class<? extends SpecificRecord> apply,
            Class<? extends SpecificRecord> event,
            Class<? extends SpecificRecord> state,
            Class<? extends SpecificRecord> observation) {}

    Types types();

    default Class<? extends SpecificRecord> commandType() {
        return types().command();
    }

    default Class<? extends SpecificRecord> applyType() {
        return types().apply();
    }

    default Class<? extends SpecificRecord> eventType() {
        return types().event();
    }

    default Class<? extends SpecificRecord> stateType() {
        return types().state();
    }

    default Class<? extends SpecificRecord> observationType() {
        return types().observation();
    }

    C apply(SpecificRecord apply);

    C delete();

    /** One branch of the union of observations. */
    C observation(SpecificRecord observation);

    /** What happened, as one branch of the union of events. */
    SpecificRecord payload(E event);

    E payload(SpecificRecord event);

    default SpecificRecord event(Event<E> event) {
        return EventEnvelope.of(eventType()).around(event, payload(event.payload()));
    }

    default Event<E> event(SpecificRecord event) {
        return EventEnvelope.of(eventType()).open(event, this::payload);
    }

    /** A published event, with its payload as it was published. */
    default Event<SpecificRecord> published(SpecificRecord event) {
        return EventEnvelope.of(eventType()).open(event, Function.identity());
    }

    /** Only called while the resource exists. */
    SpecificRecord state(S present);

    S state(SpecificRecord state);
}
