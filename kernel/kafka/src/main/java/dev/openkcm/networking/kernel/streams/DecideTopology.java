package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.schemas.common.v1.CommandResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * commands and observations → decide → events, state, results, dead letters. One picture for all
 * kinds; what is special about one is in its {@link Surroundings}.
 */
public final class DecideTopology {

    static final String TO_EVENTS = "to-events";
    static final String TO_STATE = "to-state";
    static final String TO_RESULTS = "to-results";
    static final String TO_REPLIES = "to-replies";
    static final String TO_DEAD_LETTERS = "to-dead-letters";
    static final String TO_REROUTED = "to-rerouted";

    private static final String DECIDE = "decide";

    /**
     * Of a changelog. Only closed segments are compacted, and after a kill all of it is restored:
     * what is live, and at most about two segments for each partition.
     */
    private static final Map<String, String> CHANGELOG =
            Map.of("segment.bytes", Integer.toString(4 << 20), "min.cleanable.dirty.ratio", "0.2");

    private DecideTopology() {}

    /**
     * How records look on the wire.
     *
     * @param partitions of every topic of the kind
     * @param maxCommandBytes longer commands are refused
     */
    public record Wire(SerdeFactory serdes, int partitions, int maxCommandBytes, Cache cache) {

        public Wire(SerdeFactory serdes, int partitions, int maxCommandBytes) {
            this(serdes, partitions, maxCommandBytes, new Cache(new HashMap<>(), new HashMap<>()));
        }

        /** Serializers are looked up per record; making one each time would cost more than it. */
        record Cache(
                Map<Class<?>, Serializer<SpecificRecord>> serializers,
                Map<Class<?>, Deserializer<SpecificRecord>> deserializers) {}

        @SuppressWarnings("unchecked") // A serializer of T is only given values of type T.
        Serializer<SpecificRecord> serializer(Class<? extends SpecificRecord> type) {
            synchronized (cache) {
                return cache.serializers.computeIfAbsent(
                        type,
                        t ->
                                (Serializer<SpecificRecord>)
                                        (Serializer<?>) serdes.of(type).serializer());
            }
        }

        @SuppressWarnings("unchecked") // Every T is a SpecificRecord.
        Deserializer<SpecificRecord> deserializer(Class<? extends SpecificRecord> type) {
            synchronized (cache) {
                return cache.deserializers.computeIfAbsent(
                        type,
                        t ->
                                (Deserializer<SpecificRecord>)
                                        (Deserializer<?>) serdes.of(type).deserializer());
            }
        }

        Serializer<SpecificRecord> results() {
            return serializer(CommandResult.class);
        }

        Deserializer<SpecificRecord> states(Kind<?, ?, ?> kind) {
            return deserializer(kind.codec().stateType());
        }
    }

    /**
     * The one store of the application: the resources by their keys, and parts, whose keys have a
     * blank, as no key of a resource has.
     */
    static String resourcesStore(Kind<?, ?, ?> kind) {
        return kind.entity() + "-resources";
    }

    static String to(String topic) {
        return "to-" + topic;
    }

    /** The deciding application of a kind that decides by itself alone. */
    public static <S, C, E> Topology of(Kind<S, C, E> kind, Wire wire) {
        return build(kind, null, wire, UUID::randomUUID);
    }

    /** The deciding application of a kind that needs something beside its resources. */
    public static <S, C, E> Topology of(
            Kind<S, C, E> kind, Surroundings.Recipe<S, C, E> recipe, Wire wire) {
        return build(kind, recipe, wire, UUID::randomUUID);
    }

    static <S, C, E> Topology build(
            Kind<S, C, E> kind,
            Surroundings.@Nullable Recipe<S, C, E> recipe,
            Wire wire,
            Supplier<UUID> uids) {
        var topology = new Topology();
        var sources = new ArrayList<String>();
        sources.add(from(topology, kind.commands()));
        sources.add(from(topology, kind.rerouted()));
        sources.add(from(topology, kind.observations()));
        if (recipe != null) {
            recipe.inputs().forEach(input -> sources.add(from(topology, input.topic())));
        }
        topology.addProcessor(
                DECIDE, supplier(kind, recipe, wire, uids), sources.toArray(String[]::new));
        sink(topology, TO_EVENTS, kind.events());
        sink(topology, TO_STATE, kind.state());
        sink(topology, TO_RESULTS, kind.results());
        sink(topology, TO_REPLIES, kind.replies());
        sink(topology, TO_DEAD_LETTERS, kind.deadLetters());
        sink(topology, TO_REROUTED, kind.rerouted());
        if (recipe != null) {
            recipe.targets().forEach(t -> sink(topology, t));
        }
        return topology;
    }

    private static String from(Topology topology, String topic) {
        String name = "from-" + topic;
        topology.addSource(name, new ByteArrayDeserializer(), new ByteArrayDeserializer(), topic);
        return name;
    }

    private static void sink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), DECIDE);
    }

    private static void sink(Topology topology, Surroundings.Target target) {
        if (target.byOwner()) {
            topology.addSink(
                    to(target.topic()),
                    target.topic(),
                    new ByteArraySerializer(),
                    new ByteArraySerializer(),
                    (_, key, _, partitions) ->
                            Optional.of(
                                    Set.of(
                                            ByOwner.partition(
                                                    ByOwner.owner(
                                                            new String(
                                                                    key, StandardCharsets.UTF_8)),
                                                    partitions))),
                    DECIDE);
        } else {
            sink(topology, to(target.topic()), target.topic());
        }
    }

    private static <S, C, E> ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier(
            Kind<S, C, E> kind,
            Surroundings.@Nullable Recipe<S, C, E> recipe,
            Wire wire,
            Supplier<UUID> uids) {
        return new ProcessorSupplier<>() {
            @Override
            public Processor<byte[], byte[], byte[], byte[]> get() {
                return new CommandProcessor<>(kind, recipe, wire, uids);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(rows(resourcesStore(kind)));
            }
        };
    }

    /**
     * A store of byte rows by text key, of an application that works exactly once. Without a cache:
     * caching in front of allocating stores has a history of handing out the same thing twice after
     * a task moved (KAFKA-14172).
     *
     * <p>The end of every transaction is a record of the changelog, which compaction keeps for as
     * long as what says that a row is gone: by default a day, in which ten commands a second leave
     * millions of them for the next restoration to read.
     */
    public static StoreBuilder<?> rows(String name) {
        var config = new HashMap<>(CHANGELOG);
        config.put("delete.retention.ms", Long.toString(StateSeal.GONE_FOR.toMillis()));
        return rows(name, config);
    }

    /** The same of one that works at least once, whose checkpoints may be older. */
    public static StoreBuilder<?> viewedRows(String name) {
        return rows(name, CHANGELOG);
    }

    private static StoreBuilder<?> rows(String name, Map<String, String> changelog) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingEnabled(changelog);
    }
}
