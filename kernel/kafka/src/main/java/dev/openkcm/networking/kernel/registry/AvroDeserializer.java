package dev.openkcm.networking.kernel.registry;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro values in the registry's wire format.
 *
 * <p>Whatever bytes arrive, the outcome is a value or a {@link SerializationException}: declared
 * lengths are not believed beyond what a record can hold, and no schema is parsed twice.
 */
public final class AvroDeserializer<T> implements Deserializer<T> {

    private final SchemaRegistryClient registry;
    private final Class<T> type;
    private final @Nullable Schema readerSchema;
    private final Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();

    static {
        // No record is longer than this, so nothing inside one is; set before Avro reads them.
        limit("org.apache.avro.limits.bytes.maxLength");
        limit("org.apache.avro.limits.string.maxLength");
        limit("org.apache.avro.limits.collectionItems.maxLength");
    }

    private static void limit(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(1 << 20));
        }
    }

    /**
     * A deserializer of one type.
     *
     * @param type a generated record, or {@code GenericRecord} to read values as they were written
     */
    public AvroDeserializer(SchemaRegistryClient registry, Class<T> type) {
        this.registry = registry;
        this.type = type;
        this.readerSchema =
                SpecificRecord.class.isAssignableFrom(type)
                        ? new SpecificData(type.getClassLoader()).getSchema(type)
                        : null;
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            int id = WireFormat.schemaId(bytes);
            var reader = reader(id);
            var decoder =
                    DecoderFactory.get()
                            .binaryDecoder(
                                    bytes,
                                    WireFormat.HEADER_LENGTH,
                                    bytes.length - WireFormat.HEADER_LENGTH,
                                    null);
            var value = type.cast(reader.read(null, decoder));
            if (!decoder.isEnd()) {
                throw new IOException("bytes are left over behind the value");
            }
            return value;
        } catch (SchemaRegistryException
                | AvroRuntimeException
                | IOException
                | IllegalArgumentException
                | ClassCastException
                | IndexOutOfBoundsException
                | UnsupportedOperationException
                | StackOverflowError failure) {
            throw new SerializationException(
                    "a value of %s can't be read: %s"
                            .formatted(
                                    topic,
                                    failure.getMessage() == null
                                            ? failure.toString()
                                            : failure.getMessage()),
                    failure);
        }
    }

    /** Not computeIfAbsent: a registry that hangs must not hold up other ids. */
    private DatumReader<T> reader(int id) {
        var known = readers.get(id);
        if (known != null) {
            return known;
        }
        var writer = registry.schemaById(id);
        if (readerSchema != null && !readerSchema.getFullName().equals(writer.getFullName())) {
            throw new AvroRuntimeException(
                    "schema %d is of %s, expected is %s"
                            .formatted(id, writer.getFullName(), readerSchema.getFullName()));
        }
        var reader = newReader(writer);
        readers.put(id, reader);
        return reader;
    }

    private DatumReader<T> newReader(Schema writer) {
        if (readerSchema == null) {
            return new GenericDatumReader<>(writer, writer, new GenericData());
        }
        var data = new SpecificData(type.getClassLoader());
        // A nullable time is a union, and unions ask the data model instead of the record.
        data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        data.setFastReaderEnabled(true);
        return new SpecificDatumReader<>(writer, readerSchema, data);
    }
}
