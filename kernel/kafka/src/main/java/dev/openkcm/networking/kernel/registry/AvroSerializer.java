package dev.openkcm.networking.kernel.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes Avro records in the Confluent wire format.
 *
 * <p>Constructed with a client, or configured by Kafka's properties. The id of a schema is asked
 * for once per topic: where there is no time for even a look into a map, resolve it with {@link
 * #schemaId} and write with {@link #encode}.
 */
public final class AvroSerializer<T extends IndexedRecord> implements Serializer<T> {

    /** Buffers that one large record has grown beyond this are not kept. */
    private static final int KEPT_BUFFER = 1 << 20;

    private static final ThreadLocal<Buffer> BUFFERS = ThreadLocal.withInitial(Buffer::new);

    private static final ClassValue<DatumWriter<Object>> WRITERS =
            new ClassValue<>() {
                @Override
                protected DatumWriter<Object> computeValue(Class<?> type) {
                    var data = SpecificData.getForClass(type);
                    return new SpecificDatumWriter<>(data.getSchema(type), data);
                }
            };

    private static final class Buffer {
        final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    }

    private record Target(String topic, Schema schema) {}

    /**
     * What a record is written with.
     *
     * @param convertTo the registered schema, if it is not the one of the record's class
     */
    private record WriteSchema(int id, @Nullable Schema convertTo) {}

    private final Map<Target, WriteSchema> targets = new ConcurrentHashMap<>();
    private @Nullable SchemaRegistryClient client;
    private boolean ownsClient;
    private boolean isKey;

    /** For Kafka, which calls {@link #configure} next. */
    public AvroSerializer() {}

    /** Creates a serializer of values that shares a client. */
    public AvroSerializer(SchemaRegistryClient client) {
        this.client = client;
    }

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        this.isKey = isKey;
        if (client == null) {
            client = new SchemaRegistryClient(SchemaRegistryConfig.of(configs));
            ownsClient = true;
        }
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T data) {
        if (data == null) {
            return null;
        }
        try {
            var target = target(topic, data.getSchema());
            return target.convertTo() == null
                    ? encode(target.id(), data)
                    : converted(target.id(), data, target.convertTo());
        } catch (SerializationException | SchemaRegistryException | IOException failure) {
            throw new SerializationException(
                    "Cannot write a record to topic %s: %s".formatted(topic, failure.getMessage()),
                    failure);
        }
    }

    /** Returns the id that records of this schema have on the topic, registering it if allowed. */
    public int schemaId(String topic, Schema schema) {
        return target(topic, schema).id();
    }

    /** Writes a record with an id that was resolved before. */
    public static byte[] encode(int schemaId, IndexedRecord data) {
        return write(
                schemaId,
                data instanceof SpecificRecord
                        ? WRITERS.get(data.getClass())
                        : new GenericDatumWriter<>(data.getSchema(), AvroSchemas.GENERIC),
                data);
    }

    @Override
    public void close() {
        if (ownsClient && client != null) {
            client.close();
        }
    }

    private WriteSchema target(String topic, Schema schema) {
        var key = new Target(topic, schema);
        var known = targets.get(key);
        if (known != null) {
            return known;
        }
        var target = resolve(topic, schema);
        targets.put(key, target);
        return target;
    }

    private WriteSchema resolve(String topic, Schema schema) {
        var registry = Objects.requireNonNull(client, "configure the serializer first");
        var config = registry.config();
        var subject = config.strategy(isKey).subject(topic, isKey, schema);
        if (config.autoRegister() || !config.useLatestVersion()) {
            return new WriteSchema(registry.idOf(subject, schema), null);
        }
        var latest = registry.latest(subject);
        if (SchemaNormalization.toParsingForm(latest.schema())
                .equals(SchemaNormalization.toParsingForm(schema))) {
            return new WriteSchema(latest.id(), null);
        }
        if (config.latestStrict() && !canRead(latest.schema(), schema)) {
            throw new SchemaRegistryException(
                    SchemaRegistryException.Kind.INCOMPATIBLE,
                    "version %d of subject %s cannot hold every %s; register a newer one, or set %s=false"
                            .formatted(
                                    latest.version(),
                                    subject,
                                    schema.getFullName(),
                                    SchemaRegistryConfig.LATEST_STRICT));
        }
        return new WriteSchema(latest.id(), latest.schema());
    }

    private static boolean canRead(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }

    private static byte[] converted(int id, IndexedRecord data, Schema to) throws IOException {
        var own = new BoundedDecoder(encode(id, data), WireFormat.HEADER_LENGTH);
        try {
            @SuppressWarnings("NullAway") // the Avro API does not say that there is no old record
            Object generic =
                    AvroSchemas.reader(AvroSchemas.GENERIC, data.getSchema(), to).read(null, own);
            return write(id, new GenericDatumWriter<>(to), generic);
        } catch (RuntimeException failure) {
            throw new SerializationException(
                    "the registered schema cannot hold it: " + failure.getMessage(), failure);
        }
    }

    private static byte[] write(int schemaId, DatumWriter<Object> writer, Object data) {
        var buffer = BUFFERS.get();
        boolean keep = false;
        try {
            buffer.out.reset();
            buffer.out.write(WireFormat.MAGIC);
            buffer.out.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES)
                            .putInt(WireFormat.requireValid(schemaId))
                            .array());
            writer.write(data, buffer.encoder);
            buffer.encoder.flush();
            keep = buffer.out.size() <= KEPT_BUFFER;
            return buffer.out.toByteArray();
        } catch (IOException | RuntimeException failure) {
            throw new SerializationException(
                    "%s does not fit its schema: %s"
                            .formatted(data.getClass().getSimpleName(), failure.getMessage()),
                    failure);
        } catch (StackOverflowError _) {
            throw new SerializationException(
                    data.getClass().getSimpleName() + " is nested too deep to be written");
        } finally {
            if (!keep) {
                BUFFERS.remove();
            }
        }
    }
}
