package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.SerdeFactory;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.Topology;

/**
 * A service: the kind that it owns, and what it runs beside deciding and viewing.
 *
 * @param decide makes the deciding application
 * @param topics beside those of the kind
 * @param applications beside the deciding and the viewing one
 */
public record ServiceDefinition(
        Kind<?, ?, ?> kind,
        Function<DecideTopology.Wire, Topology> decide,
        List<TopicSpec> topics,
        List<Application> applications) {

    /** A further exactly-once application. */
    public record Application(String id, Recipe recipe) {}

    /** How the topology of an application is made. */
    @FunctionalInterface
    public interface Recipe {
        Topology build(SerdeFactory serdes, Deserializer<GenericRecord> anyRecord);
    }

    /** The definition of a service; not generic, since it is injected. */
    public static <S, C, E> ServiceDefinition of(
            Kind<S, C, E> kind,
            Surroundings.Recipe<S, C, E> surroundings,
            List<TopicSpec> topics,
            List<Application> applications) {
        return new ServiceDefinition(
                kind, wire -> DecideTopology.of(kind, surroundings, wire), topics, applications);
    }

    public ServiceDefinition {
        topics = List.copyOf(topics);
        applications = List.copyOf(applications);
    }
}
