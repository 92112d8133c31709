package dev.openkcm.networking.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.openkcm.networking.cli.kind.FieldDocs;
import dev.openkcm.networking.cli.kind.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what fields mean from the Avro schema of a kind's published state. */
public final class AvroFieldDocs implements FieldDocs {
    private final ObjectMapper json = new ObjectMapper();
    private final Function<String, Optional<String>> schemaBySubject;

    public AvroFieldDocs(Function<String, Optional<String>> schemaBySubject) {
        this.schemaBySubject = schemaBySubject;
    }

    @Override
    public Optional<Described> describe(Kind kind, List<String> path) {
        return schemaBySubject
                .apply("openkcm." + kind.entity() + ".state.v1-value")
                .flatMap(text -> describe(text, path));
    }

    private Optional<Described> describe(String text, List<String> path) {
        try {
            JsonNode root = json.readTree(text);
            Map<String, JsonNode> named = new HashMap<>();
            collect(root, "", named);
            return walk(root, path, named);
        } catch (JsonProcessingException e) {
            throw new UnreachableException("The registry holds a schema that is not JSON.", e);
        }
    }

    private static Optional<Described> walk(
            JsonNode root, List<String> path, Map<String, JsonNode> named) {
        JsonNode type = root;
        String doc = root.path("doc").asText();
        String shown = typeName(root, named);
        for (String step : path) {
            JsonNode field = field(element(type, named), step);
            if (field == null) {
                return Optional.empty();
            }
            doc = field.path("doc").asText();
            type = field.path("type");
            shown = typeName(type, named);
        }
        List<Field> fields = new ArrayList<>();
        for (JsonNode field : element(type, named).path("fields")) {
            fields.add(
                    new Field(
                            field.path("name").asText(),
                            typeName(field.path("type"), named),
                            field.path("doc").asText()));
        }
        return Optional.of(new Described(shown, doc, fields));
    }

    private static @Nullable JsonNode field(JsonNode record, String name) {
        for (JsonNode field : record.path("fields")) {
            if (field.path("name").asText().equalsIgnoreCase(name)) {
                return field;
            }
        }
        return null;
    }

    /**
     * What is in a field: the item of a list, the value of a map, what is there when it is not
     * null.
     */
    private static JsonNode element(JsonNode type, Map<String, JsonNode> named) {
        JsonNode resolved = resolve(notNull(type), named);
        return switch (resolved.path("type").asText()) {
            case "array" -> element(resolved.path("items"), named);
            case "map" -> element(resolved.path("values"), named);
            default -> resolved;
        };
    }

    private static String typeName(JsonNode type, Map<String, JsonNode> named) {
        JsonNode resolved = resolve(notNull(type), named);
        if (resolved.isTextual()) {
            return resolved.asText();
        }
        if (resolved.path("logicalType").asText().startsWith("timestamp")) {
            return "time";
        }
        return switch (resolved.path("type").asText()) {
            case "array" -> "[]" + typeName(resolved.path("items"), named);
            case "map" -> "map of " + typeName(resolved.path("values"), named);
            case "record" -> resolved.path("name").asText();
            case "enum" -> "one of " + symbols(resolved);
            default -> resolved.path("type").asText("union");
        };
    }

    private static String symbols(JsonNode type) {
        List<String> all = new ArrayList<>();
        type.path("symbols").forEach(symbol -> all.add(symbol.asText()));
        return String.join(", ", all);
    }

    private static JsonNode notNull(JsonNode type) {
        if (!type.isArray()) {
            return type;
        }
        for (JsonNode branch : type) {
            if (!branch.asText().equals("null")) {
                return branch;
            }
        }
        return TextNode.valueOf("null");
    }

    private static JsonNode resolve(JsonNode type, Map<String, JsonNode> named) {
        return type.isTextual() ? named.getOrDefault(type.asText(), type) : type;
    }

    private static void collect(JsonNode type, String namespace, Map<String, JsonNode> named) {
        if (type.isArray()) {
            type.forEach(branch -> collect(branch, namespace, named));
            return;
        }
        if (!type.isObject()) {
            return;
        }
        String space = type.path("namespace").asText(namespace);
        if (type.hasNonNull("name")) {
            String name = type.path("name").asText();
            named.putIfAbsent(name, type);
            named.putIfAbsent(space + "." + name, type);
        }
        type.path("fields").forEach(field -> collect(field.path("type"), space, named));
        collect(type.path("items"), space, named);
        collect(type.path("values"), space, named);
        if (type.path("type").isContainerNode()) {
            collect(type.path("type"), space, named);
        }
    }
}
