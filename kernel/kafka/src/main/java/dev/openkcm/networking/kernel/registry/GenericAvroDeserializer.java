package dev.openkcm.networking.kernel.registry;

import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads records of any schema as they were written. */
public final class GenericAvroDeserializer implements Deserializer<GenericRecord> {

    private @Nullable RecordDecoder<GenericRecord> decoder;
    private @Nullable SchemaRegistryClient ownClient;

    /** For Kafka, which calls {@link #configure} next. */
    public GenericAvroDeserializer() {}

    /** Creates a deserializer that shares a client. */
    public GenericAvroDeserializer(SchemaRegistryClient client) {
        this.decoder = new RecordDecoder<>(client, AvroSchemas::genericReader);
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (decoder == null) {
            var client = new SchemaRegistryClient(SchemaRegistryConfig.of(configs));
            ownClient = client;
            decoder = new RecordDecoder<>(client, AvroSchemas::genericReader);
        }
    }

    @Override
    public @Nullable GenericRecord deserialize(String topic, byte @Nullable [] data) {
        if (data == null) {
            return null;
        }
        return Objects.requireNonNull(decoder, "configure the deserializer first")
                .decode(topic, data);
    }

    @Override
    public void close() {
        if (ownClient != null) {
            ownClient.close();
        }
    }
}
