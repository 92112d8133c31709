package dev.openkcm.networking.kernel.registry;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Framed bytes to records, with one reader per schema id kept for ever.
 *
 * <p>The registry is trusted, the bytes are not: whatever they are, the outcome is a record or a
 * {@link SerializationException}.
 */
final class RecordDecoder<T> {

    /** Makes the reader for what was written with a schema. */
    @FunctionalInterface
    interface Readers<T> {
        DatumReader<T> of(Schema writer) throws IOException;
    }

    private final SchemaRegistryClient client;
    private final Readers<T> readers;
    private final Map<Integer, DatumReader<T>> byId = new ConcurrentHashMap<>();

    RecordDecoder(SchemaRegistryClient client, Readers<T> readers) {
        this.client = client;
        this.readers = readers;
    }

    T decode(String topic, byte[] framed) {
        int id;
        try {
            id = WireFormat.schemaId(framed);
        } catch (IllegalArgumentException failure) {
            throw new SerializationException(
                    "Cannot read a record of topic %s: %s".formatted(topic, failure.getMessage()),
                    failure);
        }
        try {
            var decoder = new BoundedDecoder(framed, WireFormat.HEADER_LENGTH);
            @SuppressWarnings("NullAway") // the Avro API does not say that there is no old record
            T result = reader(id).read(null, decoder);
            if (decoder.remaining() > 0) {
                throw new IllegalArgumentException(
                        "%d bytes are left over after the record".formatted(decoder.remaining()));
            }
            return result;
        } catch (IOException | RuntimeException failure) {
            throw failed(topic, id, failure);
        } catch (StackOverflowError _) {
            throw failed(topic, id, new IllegalArgumentException("nested too deep"));
        }
    }

    private DatumReader<T> reader(int id) throws IOException {
        var known = byId.get(id);
        if (known != null) {
            return known;
        }
        var reader = readers.of(client.schemaById(id));
        byId.put(id, reader);
        return reader;
    }

    private static SerializationException failed(String topic, int id, Exception cause) {
        var reason =
                cause.getMessage() == null
                        ? cause.getClass().getSimpleName()
                        : cause instanceof IndexOutOfBoundsException
                                ? "no such union branch or enum symbol: " + cause.getMessage()
                                : cause.getMessage();
        return new SerializationException(
                "Cannot read a record of topic %s with schema %d: %s".formatted(topic, id, reason),
                cause);
    }
}
