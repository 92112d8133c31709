package dev.openkcm.networking.kernel.streams;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.Decision;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests into the Avro record of the apply action, led by its schema, so that JSON and
 * Avro commands are the same from there on.
 *
 * <p>Unknown fields and wrong types are reported with their paths, all of them, together with what
 * the rules of the kind find wrong with the rest. {@code status} and what the system writes into
 * {@code metadata} are ignored, so that a document that was read can be edited and applied. A
 * reference (schema property {@code reference}) is also taken as a string or as a list of one.
 */
public final class ManifestReader {

    /** What a manifest was read as. */
    public sealed interface Manifest {
        record Read(SpecificRecord apply) implements Manifest {}

        record Refused(Rejection rejection) implements Manifest {}
    }

    private static final int MAX_DEPTH = 32;

    private static final ObjectMapper MAPPER =
            new ObjectMapper(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxNumberLength(100)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Set<String> TOP =
            Set.of("apiVersion", "kind", "metadata", "spec", "status");
    private static final Set<String> METADATA =
            Set.of(
                    "name",
                    "namespace",
                    "labels",
                    "annotations",
                    "uid",
                    "generation",
                    "resourceVersion",
                    "creationTimestamp",
                    "deletionTimestamp");

    private final String kind;
    private final BiFunction<SpecificRecord, ResourceKey, List<Cause>> rules;
    private final Schema apply;
    private final SpecificData data;

    public ManifestReader(Kind<?, ?, ?> kind) {
        this.kind = kind.name();
        this.rules = (apply, key) -> broken(kind, apply, key);
        this.data = new SpecificData(kind.codec().applyType().getClassLoader());
        this.apply = data.getSchema(kind.codec().applyType());
    }

    /** Reads JSON; the resource is the one that the key names. */
    public Manifest read(byte[] json, ResourceKey key) {
        JsonNode document;
        try {
            document = MAPPER.readTree(json);
        } catch (MismatchedInputException trailing) {
            return new Manifest.Refused(several());
        } catch (JsonProcessingException malformed) {
            var at = malformed.getLocation();
            String where =
                    at == null
                            ? ""
                            : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
            return new Manifest.Refused(
                    Rejection.malformed(
                            "the manifest is not valid JSON: "
                                    + malformed.getOriginalMessage()
                                    + where));
        } catch (IOException unreadable) {
            return new Manifest.Refused(
                    Rejection.malformed("the manifest is not valid JSON: " + unreadable));
        }
        return read(document, key);
    }

    /** The refusal of a text that goes on behind the document. */
    public static Rejection several() {
        return Rejection.malformed("there is more than one document; send them one by one");
    }

    /** Reads a parsed document; the resource is the one that the key names. */
    public Manifest read(@Nullable JsonNode document, ResourceKey key) {
        if (document == null || !document.isObject()) {
            return new Manifest.Refused(Rejection.malformed("the manifest must be a JSON object"));
        }
        var causes = new Validation();
        document.fieldNames()
                .forEachRemaining(name -> {
                    if (!TOP.contains(name)) {
                        unknown(name, causes);
                    }
                });
        header(document, causes);
        var metadata = document.path("metadata");
        metadata(metadata, key, causes);
        var record = (SpecificRecord) data.newRecord(null, apply);
        set(record, "labels", metadata.path("labels"), "metadata.labels", causes);
        set(record, "annotations", metadata.path("annotations"), "metadata.annotations", causes);
        set(record, "spec", document.path("spec"), "spec", causes);
        return causes.failed()
                ? new Manifest.Refused(
                        Rejection.invalid(kind + " " + key, all(causes.causes(), record, key)))
                : new Manifest.Read(record);
    }

    /** Of what could not be read there is a stand-in, which the rules say nothing new about. */
    private List<Cause> all(List<Cause> unread, SpecificRecord record, ResourceKey key) {
        var all = new ArrayList<>(unread);
        for (var broken : rules.apply(record, key)) {
            if (unread.stream().noneMatch(u -> isWithin(broken.field(), u.field()))) {
                all.add(broken);
            }
        }
        return all;
    }

    private static boolean isWithin(String field, String other) {
        return field.startsWith(other)
                && (field.length() == other.length()
                        || field.charAt(other.length()) == '.'
                        || field.charAt(other.length()) == '[');
    }

    /** What the rules say about it before any look at what there is. */
    private static <S, C, E> List<Cause> broken(
            Kind<S, C, E> kind, SpecificRecord apply, ResourceKey key) {
        var command =
                new Command<>(
                        "manifest",
                        key,
                        null,
                        false,
                        Instant.EPOCH,
                        new UUID(0, 0),
                        null,
                        kind.codec().apply(apply));
        var decider = kind.decider();
        return switch (decider.decide(decider.absent(), command)) {
            case Decision.Accepted<E> _ -> List.of();
            case Decision.Rejected<E>(var rejection) -> rejection.causes();
        };
    }

    private void header(JsonNode document, Validation causes) {
        var apiVersion = document.path("apiVersion");
        if (apiVersion.isMissingNode()) {
            causes.required("apiVersion", "must be " + Kind.API_VERSION);
        } else if (!Kind.API_VERSION.equalsIgnoreCase(apiVersion.asText())) {
            causes.notSupported("apiVersion", "must be " + Kind.API_VERSION);
        }
        var given = document.path("kind");
        if (given.isMissingNode()) {
            causes.required("kind", "must be " + kind);
        } else if (!kind.equals(given.asText())) {
            causes.notSupported(
                    "kind", "must be %s, is %s".formatted(kind, Texts.quoted(given.asText())));
        }
    }

    private static void metadata(JsonNode metadata, ResourceKey key, Validation causes) {
        if (metadata.isMissingNode()) {
            return;
        }
        if (!metadata.isObject()) {
            causes.invalid("metadata", "must be an object");
            return;
        }
        metadata.fieldNames()
                .forEachRemaining(name -> {
                    if (!METADATA.contains(name)) {
                        unknown("metadata." + name, causes);
                    }
                });
        matches(metadata.path("name"), key.name(), "metadata.name", causes);
        matches(metadata.path("namespace"), key.namespace(), "metadata.namespace", causes);
    }

    private static void matches(JsonNode given, String expected, String path, Validation causes) {
        if (!given.isMissingNode() && !given.isNull() && !given.asText().equals(expected)) {
            causes.invalid(
                    path,
                    "is %s, but the key of the record or the URL says %s"
                            .formatted(Texts.quoted(given.asText()), Texts.quoted(expected)));
        }
    }

    private void set(
            SpecificRecord record, String name, JsonNode node, String path, Validation causes) {
        Schema.Field field = record.getSchema().getField(name);
        record.put(field.pos(), fieldValue(field, node, path, causes));
    }

    private @Nullable Object fieldValue(
            Schema.Field field, JsonNode node, String path, Validation causes) {
        if (node.isMissingNode() || node.isNull()) {
            return field.hasDefaultValue()
                    ? data.deepCopy(field.schema(), data.getDefaultValue(field))
                    : value(field.schema(), empty(field.schema()), path, causes);
        }
        boolean reference = Boolean.TRUE.equals(field.getObjectProp("reference"));
        return value(field.schema(), reference ? reference(node) : node, path, causes);
    }

    /** What stands for a field without default that was left out; validation finds it empty. */
    private static JsonNode empty(Schema schema) {
        return switch (schema.getType()) {
            case RECORD, MAP -> JsonNodeFactory.instance.objectNode();
            case ARRAY -> JsonNodeFactory.instance.arrayNode();
            case BOOLEAN -> JsonNodeFactory.instance.booleanNode(false);
            case INT, LONG -> JsonNodeFactory.instance.numberNode(0);
            default -> JsonNodeFactory.instance.textNode("");
        };
    }

    private static JsonNode reference(JsonNode node) {
        if (node.isTextual()) {
            return JsonNodeFactory.instance.objectNode().set("name", node);
        }
        return node.isArray() && node.size() == 1 ? node.get(0) : node;
    }

    private @Nullable Object value(Schema schema, JsonNode node, String path, Validation causes) {
        return switch (schema.getType()) {
            case UNION -> value(schema.getTypes().getLast(), node, path, causes);
            case RECORD -> record(schema, node, path, causes);
            case ARRAY -> {
                var items = new ArrayList<@Nullable Object>();
                if (node.isArray()) {
                    for (int i = 0; i < node.size(); i++) {
                        var item =
                                value(
                                        schema.getElementType(),
                                        node.get(i),
                                        path + "[" + i + "]",
                                        causes);
                        items.add(item);
                    }
                } else {
                    wrongType("a list", node, path, causes);
                }
                yield items;
            }
            case MAP -> {
                var entries = new HashMap<String, @Nullable Object>();
                if (node.isObject()) {
                    for (var entry : node.properties()) {
                        entries.put(
                                entry.getKey(),
                                value(
                                        schema.getValueType(),
                                        entry.getValue(),
                                        path + "[" + Texts.quoted(entry.getKey()) + "]",
                                        causes));
                    }
                } else {
                    wrongType("an object", node, path, causes);
                }
                yield entries;
            }
            case STRING -> {
                if (!node.isTextual()) {
                    wrongType("a string", node, path, causes);
                }
                yield node.asText();
            }
            case BOOLEAN -> {
                if (!node.isBoolean()) {
                    wrongType("true or false", node, path, causes);
                }
                yield node.asBoolean();
            }
            case INT -> {
                if (!node.isIntegralNumber() || !node.canConvertToInt()) {
                    wrongType("a whole number of 32 bits", node, path, causes);
                }
                yield node.asInt();
            }
            case LONG -> {
                if (!node.isIntegralNumber() || !node.canConvertToLong()) {
                    wrongType("a whole number of 64 bits", node, path, causes);
                }
                yield node.asLong();
            }
            default -> throw new IllegalStateException("no manifest field has type " + schema);
        };
    }

    private Object record(Schema schema, JsonNode node, String path, Validation causes) {
        var record = (SpecificRecord) data.newRecord(null, schema);
        boolean object = node.isObject();
        if (object) {
            node.fieldNames()
                    .forEachRemaining(name -> {
                        if (schema.getField(name) == null) {
                            unknown(path + "." + name, causes);
                        }
                    });
        } else {
            wrongType("an object", node, path, causes);
        }
        for (Schema.Field field : schema.getFields()) {
            var child = object ? node.path(field.name()) : JsonNodeFactory.instance.missingNode();
            record.put(field.pos(), fieldValue(field, child, path + "." + field.name(), causes));
        }
        return record;
    }

    private static void unknown(String path, Validation causes) {
        causes.forbidden(path, "unknown field");
    }

    private static void wrongType(String expected, JsonNode node, String path, Validation causes) {
        String is =
                switch (node.getNodeType()) {
                    case ARRAY -> "a list";
                    case OBJECT -> "an object";
                    case STRING -> "a string";
                    case NUMBER -> "a number";
                    case BOOLEAN -> "a boolean";
                    case NULL -> "null";
                    default -> "something else";
                };
        causes.invalid(path, "must be %s, is %s".formatted(expected, is));
    }
}
