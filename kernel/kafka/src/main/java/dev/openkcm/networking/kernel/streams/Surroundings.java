package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.ResourceKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What a kind's decisions need beside the resource itself, in the store of the same task, and what
 * follows from them for other topologies. One instance serves one task.
 *
 * @param <S> the state
 * @param <C> what can be asked of it or learned about it
 * @param <E> what can happen to it
 */
public interface Surroundings<S, C, E> {

    /** Gives what is to be kept in the task's store. */
    default void open(Parts parts, int partition, int partitions) {}

    /** Completes what came in with what is known here; may take note of it. */
    default C complete(ResourceKey key, S state, C payload, Instant now) {
        return payload;
    }

    /** Takes note of what happened, and sends what follows from it. */
    void happened(S before, S after, List<Event<E>> events, Outbox outbox);

    /** What is due by itself now; asked about once a second, until nothing is. */
    default Optional<Due<C>> due(Instant now) {
        return Optional.empty();
    }

    /** Something that is due for a resource without a command or an observation. */
    record Due<C>(ResourceKey key, String causedBy, C payload) {}

    /** The parts of the task's store, see {@link Part}. */
    @FunctionalInterface
    interface Parts {
        KeyValueStore<String, byte[]> get(String word);
    }

    /** Where records for other topologies go. */
    @FunctionalInterface
    interface Outbox {
        void send(String topic, String key, @Nullable SpecificRecord value, Event<?> cause);
    }

    /** How surroundings are made: one per task, writing to these topics. */
    interface Recipe<S, C, E> {

        Surroundings<S, C, E> create();

        /** The topics that the outbox may send to, and what their values are. */
        Set<Target> targets();

        /** Topics of others whose records are observations as they are. */
        default List<Input<C>> inputs() {
            return List.of();
        }
    }

    /**
     * A topic of another owner whose records concern resources of this kind, each on the partition
     * of the resource that it concerns.
     *
     * @param keys what keys look like there
     * @param reader what the record tells; empty when it tells this kind nothing
     */
    record Input<C>(
            String topic, RecordKeys keys, Class<? extends SpecificRecord> type, Reader<C> reader) {

        /** Reads a record, or a tombstone. */
        @FunctionalInterface
        public interface Reader<C> {
            Optional<Told<C>> read(String key, @Nullable SpecificRecord value);
        }
    }

    /** What a record of another owner tells about a resource. */
    record Told<C>(ResourceKey key, C payload) {}

    /**
     * A topic that the outbox sends to.
     *
     * @param byOwner whether rows lie on the partition of their owner, see {@link ByOwner}
     */
    record Target(String topic, Class<? extends SpecificRecord> type, boolean byOwner) {
        public Target(String topic, Class<? extends SpecificRecord> type) {
            this(topic, type, false);
        }
    }
}
