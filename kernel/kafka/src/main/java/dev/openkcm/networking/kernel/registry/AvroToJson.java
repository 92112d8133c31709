package dev.openkcm.networking.kernel.registry;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Framed records of one schema as JSON, straight from bytes to bytes: what {@link
 * dev.openkcm.networking.kernel.streams.AvroJson} makes of the decoded record, without any of the
 * objects in between. Safe for use by many threads.
 */
public final class AvroToJson {

    /**
     * A document.
     *
     * @param bytes holds it from the start on; what is behind its length has no meaning
     * @param marked the number at the place that was to be told apart
     */
    public record Json(byte[] bytes, int length, long marked) {}

    /** Writes one value; returns false for one that is left out where it is a field. */
    @FunctionalInterface
    private interface Writer {
        boolean write(BoundedDecoder in, JsonOutput out) throws IOException;
    }

    private record Field(byte[] name, Writer value) {}

    /** There is something in the schema that this class does not know. */
    private static final class Unsupported extends RuntimeException {
        Unsupported(Schema schema) {
            super(schema.toString(), null, false, false);
        }
    }

    private final Writer document;
    private final String mark;
    private final Map<String, String> constants;

    private AvroToJson(Schema schema, Map<String, String> constants, String mark) {
        this.constants = constants;
        this.mark = mark;
        this.document = record(schema, "");
    }

    /**
     * For records of a schema; empty when there is something in it that can't be written straight.
     *
     * @param constants come before the fields of the record
     * @param mark the path of a number that is told apart
     */
    public static Optional<AvroToJson> of(
            Schema schema, Map<String, String> constants, String mark) {
        try {
            return Optional.of(new AvroToJson(schema, constants, mark));
        } catch (Unsupported foreign) {
            return Optional.empty();
        }
    }

    /**
     * Writes a record as JSON.
     *
     * @param framed written with the very schema that this is for
     */
    public Json json(byte[] framed) {
        var in = new BoundedDecoder(framed, WireFormat.HEADER_LENGTH);
        var out = new JsonOutput(2 * framed.length + 128);
        try {
            document.write(in, out);
            if (in.remaining() > 0) {
                throw new IllegalArgumentException("bytes are left over after the record");
            }
        } catch (IOException | RuntimeException failure) {
            throw new SerializationException("Cannot write a record as JSON", failure);
        }
        return out.json();
    }

    private Writer writer(Schema schema, @Nullable String wanted, String path) {
        boolean text = "string".equals(wanted);
        boolean number = "number".equals(wanted);
        LogicalType logical = schema.getLogicalType();
        return switch (schema.getType()) {
            case UNION -> union(schema, wanted, path);
            case NULL ->
                    (_, out) -> {
                        out.ascii("null");
                        return false;
                    };
            case STRING -> number ? AvroToJson::digits : AvroToJson::text;
            case INT, LONG -> {
                if (LogicalTypes.timestampMillis().equals(logical)) {
                    yield AvroToJson::time;
                }
                if (logical != null) {
                    throw new Unsupported(schema);
                }
                yield integer(text, path.equals(mark));
            }
            case BOOLEAN -> plain(schema, wanted, AvroToJson::flag);
            case ENUM -> plain(schema, number ? wanted : null, symbol(schema));
            case RECORD -> plain(schema, wanted, record(schema, path + "."));
            case ARRAY ->
                    plain(
                            schema,
                            wanted,
                            array(writer(schema.getElementType(), null, path + "[]")));
            case MAP ->
                    plain(schema, wanted, map(writer(schema.getValueType(), null, path + "{}")));
            case FIXED, BYTES, FLOAT, DOUBLE -> throw new Unsupported(schema);
        };
    }

    private static Writer plain(Schema schema, @Nullable String wanted, Writer writer) {
        if (wanted != null) {
            throw new Unsupported(schema);
        }
        return writer;
    }

    private Writer record(Schema schema, String path) {
        if (path.length() > 200) {
            throw new Unsupported(schema); // It contains itself.
        }
        Field[] fields =
                schema.getFields().stream()
                        .map(f ->
                                new Field(
                                        (quoted(f.name()) + ":").getBytes(StandardCharsets.UTF_8),
                                        writer(f.schema(), f.getProp("json"), path + f.name())))
                        .toArray(Field[]::new);
        byte[] start = (path.isEmpty() ? start() : "{").getBytes(StandardCharsets.UTF_8);
        return (in, out) -> {
            out.bytes(start);
            boolean first = start.length == 1;
            for (Field field : fields) {
                int before = out.position();
                if (!first) {
                    out.ascii(',');
                }
                out.bytes(field.name());
                if (field.value().write(in, out)) {
                    first = false;
                } else {
                    out.reset(before);
                }
            }
            out.ascii('}');
            return true;
        };
    }

    private String start() {
        var start = new StringBuilder("{");
        constants.forEach((name, value) -> {
            start.append(start.length() > 1 ? "," : "");
            start.append(quoted(name)).append(':').append(quoted(value));
        });
        return start.toString();
    }

    private static String quoted(String plain) {
        return '"' + plain + '"';
    }

    private Writer union(Schema schema, @Nullable String wanted, String path) {
        Writer[] branches =
                schema.getTypes().stream()
                        .map(branch -> writer(branch, wanted, path))
                        .toArray(Writer[]::new);
        return (in, out) -> branches[in.readIndex()].write(in, out);
    }

    private static Writer array(Writer item) {
        return (in, out) -> {
            out.ascii('[');
            boolean any = false;
            for (long count = in.readArrayStart(); count > 0; count = in.arrayNext()) {
                for (long i = 0; i < count; i++) {
                    if (any) {
                        out.ascii(',');
                    }
                    item.write(in, out);
                    any = true;
                }
            }
            out.ascii(']');
            return any;
        };
    }

    /** In the order of keys; of two entries with the same key the last one counts. */
    private static Writer map(Writer value) {
        return (in, out) -> {
            var entries = new TreeMap<String, byte[]>();
            for (long count = in.readMapStart(); count > 0; count = in.mapNext()) {
                for (long i = 0; i < count; i++) {
                    String key = in.readString();
                    int before = out.position();
                    out.string(key.getBytes(StandardCharsets.UTF_8));
                    out.ascii(':');
                    value.write(in, out);
                    entries.put(key, out.take(before));
                }
            }
            out.ascii('{');
            boolean first = true;
            for (byte[] entry : entries.values()) {
                if (!first) {
                    out.ascii(',');
                }
                out.bytes(entry);
                first = false;
            }
            out.ascii('}');
            return !first;
        };
    }

    private static boolean text(BoundedDecoder in, JsonOutput out) throws IOException {
        return in.readTo(out::string) > 0;
    }

    private static boolean digits(BoundedDecoder in, JsonOutput out) throws IOException {
        String text = in.readString();
        out.ascii(text.isEmpty() ? "null" : new BigInteger(text).toString());
        return !text.isEmpty();
    }

    private static boolean time(BoundedDecoder in, JsonOutput out) throws IOException {
        out.ascii(quoted(Instant.ofEpochMilli(in.readLong()).toString()));
        return true;
    }

    private static boolean flag(BoundedDecoder in, JsonOutput out) throws IOException {
        out.ascii(Boolean.toString(in.readBoolean()));
        return true;
    }

    private static Writer integer(boolean text, boolean marked) {
        return (in, out) -> {
            long value = in.readLong();
            String digits = Long.toString(value);
            out.ascii(text ? quoted(digits) : digits);
            if (marked) {
                out.mark(value);
            }
            return true;
        };
    }

    private static Writer symbol(Schema schema) {
        List<byte[]> symbols =
                schema.getEnumSymbols().stream()
                        .map(s -> quoted(s).getBytes(StandardCharsets.UTF_8))
                        .toList();
        return (in, out) -> {
            out.bytes(symbols.get(in.readEnum()));
            return true;
        };
    }
}
