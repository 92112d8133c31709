package dev.openkcm.networking.kernel.test;

import dev.openkcm.networking.kernel.streams.SerdeFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Avro behind the full name of its record instead of a schema id, for the test driver. */
public final class LocalSerdes implements SerdeFactory {

    private static final Map<String, Schema> KNOWN = new ConcurrentHashMap<>();

    @Override
    public <T extends SpecificRecord> Serde<T> of(Class<T> type) {
        var schema = new SpecificData(type.getClassLoader()).getSchema(type);
        KNOWN.put(schema.getFullName(), schema);
        var reader = new SpecificDatumReader<T>(schema);
        return Serdes.serdeFrom(
                (topic, value) -> value == null ? null : encode(value),
                (topic, bytes) -> bytes == null ? null : decode(reader, bytes));
    }

    /** Reads values of any type that a serde was made for. */
    public static Deserializer<GenericRecord> generic() {
        return (topic, bytes) -> {
            if (bytes == null) {
                return null;
            }
            String name = new String(bytes, 1, bytes[0], StandardCharsets.UTF_8);
            return decode(new GenericDatumReader<GenericRecord>(KNOWN.get(name)), bytes);
        };
    }

    /** A value as another service would write it, of whose schema only a part is known here. */
    public static byte[] encodeGeneric(GenericRecord value) {
        KNOWN.put(value.getSchema().getFullName(), value.getSchema());
        return encode(value);
    }

    private static byte[] encode(IndexedRecord value) {
        byte[] name = value.getSchema().getFullName().getBytes(StandardCharsets.UTF_8);
        var bytes = new ByteArrayOutputStream();
        bytes.write(name.length);
        bytes.writeBytes(name);
        try {
            var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new SpecificDatumWriter<IndexedRecord>(value.getSchema()).write(value, encoder);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static <T> T decode(DatumReader<T> reader, byte[] bytes) {
        try {
            int start = 1 + bytes[0];
            var decoder =
                    DecoderFactory.get().binaryDecoder(bytes, start, bytes.length - start, null);
            return reader.read(null, decoder);
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException undecodable) {
            throw new SerializationException("undecodable", undecodable);
        }
    }
}
