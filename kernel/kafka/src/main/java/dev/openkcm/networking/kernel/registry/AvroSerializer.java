package dev.openkcm.networking.kernel.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Writes Avro values in the registry's wire format; the registry is asked once per schema. */
public final class AvroSerializer<T extends IndexedRecord> implements Serializer<T> {

    private record Writer(int id, DatumWriter<Object> avro) {}

    private record Use(String topic, Schema schema) {}

    private final SchemaRegistryClient registry;
    private final Map<Use, Writer> writers = new ConcurrentHashMap<>();

    public AvroSerializer(SchemaRegistryClient registry) {
        this.registry = registry;
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T value) {
        if (value == null) {
            return null;
        }
        try {
            var writer = writers.computeIfAbsent(new Use(topic, value.getSchema()), this::writer);
            var bytes = new ByteArrayOutputStream(256);
            bytes.write(WireFormat.MAGIC);
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(writer.id).array());
            var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            writer.avro.write(value, encoder);
            encoder.flush();
            return bytes.toByteArray();
        } catch (SchemaRegistryException | AvroRuntimeException | IOException failure) {
            throw new SerializationException(
                    "a value of %s can't be written: %s".formatted(topic, failure.getMessage()),
                    failure);
        }
    }

    private Writer writer(Use use) {
        var strategy = registry.config().valueStrategy();
        String subject = strategy.subject(use.topic, false, use.schema);
        var data = SpecificData.getForSchema(use.schema);
        if (registry.config().useLatestVersion()) {
            var latest = registry.latest(subject);
            return new Writer(latest.id(), new SpecificDatumWriter<>(latest.schema(), data));
        }
        int id = registry.idOf(subject, use.schema);
        return new Writer(id, new SpecificDatumWriter<>(use.schema, data));
    }
}
