package dev.openkcm.networking.kernel.registry;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro values in the registry's wire format, resolving what any writer wrote into what the
 * reading class knows.
 *
 * <p>Whatever bytes arrive, the outcome is a value or a {@link
 * org.apache.kafka.common.errors.SerializationException}. Constructed with a client, or configured
 * by Kafka's properties; then the class is the one of {@code specific.avro.value.type} or, without
 * it, the one the writer's schema is named after.
 */
public final class AvroDeserializer<T> implements Deserializer<T> {

    private static final String SPECIFIC_READER = "specific.avro.reader";

    private @Nullable RecordDecoder<T> decoder;
    private @Nullable SchemaRegistryClient ownClient;

    /** For Kafka, which calls {@link #configure} next. */
    public AvroDeserializer() {}

    /**
     * A deserializer of one type.
     *
     * @param type a generated record, or {@code GenericRecord} to read values as they were written
     */
    public AvroDeserializer(SchemaRegistryClient registry, Class<T> type) {
        this.decoder =
                new RecordDecoder<>(
                        registry,
                        type == GenericRecord.class
                                ? AvroSchemas::genericReader
                                : writer -> readerInto(type, writer));
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        if (decoder != null) {
            return;
        }
        if ("false".equals(String.valueOf(configs.get(SPECIFIC_READER)))) {
            throw new ConfigException(
                    SPECIFIC_READER, false, "use GenericAvroDeserializer for generic records");
        }
        var type =
                configuredType(
                        isKey ? "specific.avro.key.type" : "specific.avro.value.type", configs);
        var client = new SchemaRegistryClient(SchemaRegistryConfig.of(configs));
        ownClient = client;
        decoder =
                new RecordDecoder<>(
                        client, writer -> readerInto(type == null ? named(writer) : type, writer));
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
        return bytes == null
                ? null
                : Objects.requireNonNull(decoder, "configure the deserializer first")
                        .decode(topic, bytes);
    }

    @Override
    public void close() {
        if (ownClient != null) {
            ownClient.close();
        }
    }

    private static <T> DatumReader<T> readerInto(Class<?> type, Schema writer) throws IOException {
        // Not the model of the generated class: it looks for nested classes where Avro was loaded
        // from, which need not be where the records were.
        var data = new SpecificData(type.getClassLoader());
        SpecificData.getForClass(type).getConversions().forEach(data::addLogicalTypeConversion);
        data.setFastReaderEnabled(true);
        return AvroSchemas.reader(data, writer, data.getSchema(type));
    }

    private static @Nullable Class<?> configuredType(String key, Map<String, ?> configs) {
        @Nullable Object value = configs.get(key);
        if (value == null) {
            return null;
        }
        try {
            var type =
                    value instanceof Class<?> given
                            ? given
                            : Class.forName(value.toString(), true, classLoader());
            if (SpecificRecord.class.isAssignableFrom(type)) {
                return type;
            }
        } catch (ClassNotFoundException _) {
            // Answered below, like a class that is no record.
        }
        throw new ConfigException(key, value, "must be a class generated from an Avro schema");
    }

    private static Class<?> named(Schema writer) {
        Class<?> type = new SpecificData(classLoader()).getClass(writer);
        if (type == null || !SpecificRecord.class.isAssignableFrom(type)) {
            throw new AvroTypeException(
                    "no generated class %s to read it into".formatted(writer.getFullName()));
        }
        return type;
    }

    private static ClassLoader classLoader() {
        var context = Thread.currentThread().getContextClassLoader();
        return context == null ? AvroDeserializer.class.getClassLoader() : context;
    }
}
