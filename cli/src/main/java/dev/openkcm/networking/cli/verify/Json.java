package dev.openkcm.networking.cli.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** Records as the documents that REST shows: absent and empty values left out. */
final class Json {
    private static final JsonNodeFactory FACTORY = JsonNodeFactory.instance;

    private Json() {}

    static ObjectNode document(GenericRecord record) {
        ObjectNode object = FACTORY.objectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (empty(value)) {
                continue;
            }
            object.set(
                    field.name(),
                    switch (field.getProp("json")) {
                        case "string" -> FACTORY.textNode(String.valueOf(value));
                        case "number" -> FACTORY.numberNode(new BigInteger(String.valueOf(value)));
                        case null, default -> node(value, field.schema());
                    });
        }
        return object;
    }

    /** The same as a release shows it that knows another schema; empty when it can't read it. */
    static Optional<ObjectNode> document(GenericRecord record, Schema known) {
        try {
            var bytes = new ByteArrayOutputStream();
            var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            var decoder = DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null);
            return Optional.of(
                    document(
                            new GenericDatumReader<GenericRecord>(record.getSchema(), known)
                                    .read(null, decoder)));
        } catch (AvroTypeException differs) {
            return Optional.empty();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    static JsonNode node(Object value) {
        return node(value, null);
    }

    private static boolean empty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case CharSequence text -> text.isEmpty();
            case Collection<?> items -> items.isEmpty();
            case Map<?, ?> entries -> entries.isEmpty();
            default -> false;
        };
    }

    private static JsonNode node(@Nullable Object value, @Nullable Schema schema) {
        return switch (value) {
            case null -> FACTORY.nullNode();
            case GenericRecord record -> document(record);
            case Collection<?> items -> {
                var array = FACTORY.arrayNode();
                items.forEach(item -> array.add(node(item, null)));
                yield array;
            }
            case Map<?, ?> entries -> {
                Map<String, Object> sorted = new TreeMap<>();
                entries.forEach((key, item) -> sorted.put(key.toString(), item));
                ObjectNode object = FACTORY.objectNode();
                sorted.forEach((key, item) -> object.set(key, node(item, null)));
                yield object;
            }
            case Boolean flag -> FACTORY.booleanNode(flag);
            case Integer number -> FACTORY.numberNode(number);
            case Long number ->
                    time(schema)
                            ? FACTORY.textNode(java.time.Instant.ofEpochMilli(number).toString())
                            : FACTORY.numberNode(number);
            case Double number -> FACTORY.numberNode(number);
            default -> FACTORY.textNode(value.toString());
        };
    }

    private static boolean time(@Nullable Schema schema) {
        if (schema == null) {
            return false;
        }
        return schema.isUnion()
                ? schema.getTypes().stream().anyMatch(Json::time)
                : "timestamp-millis".equals(schema.getProp("logicalType"));
    }
}
