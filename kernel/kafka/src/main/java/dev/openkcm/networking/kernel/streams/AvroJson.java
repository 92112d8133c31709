package dev.openkcm.networking.kernel.streams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro records as JSON documents in the shape of Kubernetes objects: field names as they are,
 * absent and empty values left out, times in RFC 3339.
 */
public final class AvroJson {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private AvroJson() {}

    /** A resource as a document, from its state record. */
    public static ObjectNode document(Kind<?, ?, ?> kind, IndexedRecord state) {
        var document = JSON.objectNode();
        document.put("apiVersion", Kind.API_VERSION);
        document.put("kind", kind.name());
        document.setAll(object(state));
        return document;
    }

    public static ObjectNode object(IndexedRecord record) {
        var object = JSON.objectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (value == null || isEmpty(value)) {
                continue;
            }
            object.set(field.name(), node(value, field.getProp("json")));
        }
        return object;
    }

    /** The schema may ask for text, or for a number that is too large for a long. */
    private static JsonNode node(Object value, @Nullable String wanted) {
        return switch (wanted) {
            case "string" -> JSON.textNode(value.toString());
            case "number" -> JSON.numberNode(new BigInteger(value.toString()));
            case null, default -> node(value);
        };
    }

    private static boolean isEmpty(Object value) {
        return switch (value) {
            case Collection<?> items -> items.isEmpty();
            case Map<?, ?> entries -> entries.isEmpty();
            case CharSequence text -> text.isEmpty();
            default -> false;
        };
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case IndexedRecord record -> object(record);
            case Collection<?> items -> {
                var array = JSON.arrayNode();
                items.forEach(item -> array.add(node(item)));
                yield array;
            }
            case Map<?, ?> entries -> {
                var sorted = new TreeMap<String, Object>();
                entries.forEach((key, item) -> sorted.put(key.toString(), item));
                var object = JSON.objectNode();
                sorted.forEach((key, item) -> object.set(key, node(item)));
                yield object;
            }
            case Instant time -> JSON.textNode(time.toString());
            case Boolean flag -> JSON.booleanNode(flag);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            default -> JSON.textNode(value.toString());
        };
    }
}
