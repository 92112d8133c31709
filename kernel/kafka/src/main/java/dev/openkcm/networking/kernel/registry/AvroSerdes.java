package dev.openkcm.networking.kernel.registry;

import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Serdes of Avro values in the registry's wire format, over one shared client. */
public final class AvroSerdes {

    private final SchemaRegistryClient registry;

    public AvroSerdes(SchemaRegistryClient registry) {
        this.registry = registry;
    }

    /** Of values of one record type, whatever compatible schema they were written with. */
    public <T extends SpecificRecord> Serde<T> of(Class<T> type) {
        return Serdes.serdeFrom(
                new AvroSerializer<T>(registry), new AvroDeserializer<>(registry, type));
    }

    /** Of values of any record type, read as they were written. */
    public Deserializer<GenericRecord> generic() {
        return new GenericAvroDeserializer(registry);
    }

    /** The same from Kafka client properties. */
    public static AvroSerdes configured(Map<String, ?> properties) {
        return new AvroSerdes(new SchemaRegistryClient(SchemaRegistryConfig.of(properties)));
    }
}
