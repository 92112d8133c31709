package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.Topology;

/**
 * A service: the kinds that it owns, and what it runs beside deciding and viewing them.
 *
 * @param published the rows that it publishes beside states
 * @param topics beside those of the kinds and of the published rows
 * @param applications beside the deciding and the viewing ones
 * @param readers further applications that only serve reads: at least once, reset at any time
 */
public record ServiceDefinition(
        List<Owned> kinds,
        List<Published> published,
        List<TopicSpec> topics,
        List<Application> applications,
        List<Application> readers) {

    /**
     * A kind that the service owns.
     *
     * @param decide makes the deciding application
     */
    public record Owned(Kind<?, ?, ?> kind, Function<DecideTopology.Wire, Topology> decide) {}

    /** A table of rows of one type that others may read. */
    public record Published(TopicSpec topic, Class<? extends SpecificRecord> type) {}

    /** A further application. */
    public record Application(String id, Recipe recipe) {}

    /** How the topology of an application is made. */
    @FunctionalInterface
    public interface Recipe {
        Topology build(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord);
    }

    public ServiceDefinition {
        kinds = List.copyOf(kinds);
        published = List.copyOf(published);
        topics = List.copyOf(topics);
        applications = List.copyOf(applications);
        readers = List.copyOf(readers);
    }

    /** The definition of a service that owns this kind; not generic, since it is injected. */
    public static <S, C, E> ServiceDefinition of(
            Kind<S, C, E> kind,
            Surroundings.Recipe<S, C, E> surroundings,
            List<TopicSpec> topics,
            List<Application> applications) {
        return new ServiceDefinition(
                List.of(owned(kind, surroundings)), List.of(), topics, applications, List.of());
    }

    private static <S, C, E> Owned owned(
            Kind<S, C, E> kind, Surroundings.Recipe<S, C, E> surroundings) {
        return new Owned(kind, wire -> DecideTopology.of(kind, surroundings, wire));
    }

    /** The same, owning this kind too. */
    public <S, C, E> ServiceDefinition and(
            Kind<S, C, E> kind, Surroundings.Recipe<S, C, E> surroundings) {
        var all = new ArrayList<>(kinds);
        all.add(owned(kind, surroundings));
        return new ServiceDefinition(all, published, topics, applications, readers);
    }

    /** The same, publishing these rows too. */
    public ServiceDefinition publishing(TopicSpec topic, Class<? extends SpecificRecord> type) {
        var all = new ArrayList<>(published);
        all.add(new Published(topic, type));
        return new ServiceDefinition(kinds, all, topics, applications, readers);
    }

    /** The same, with this application that serves reads. */
    public ServiceDefinition reading(Application reader) {
        var all = new ArrayList<>(readers);
        all.add(reader);
        return new ServiceDefinition(kinds, published, topics, applications, all);
    }
}
