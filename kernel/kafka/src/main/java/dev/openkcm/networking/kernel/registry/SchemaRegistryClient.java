package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.registry.SchemaCacheFile.Content;
import dev.openkcm.networking.kernel.registry.SchemaCacheFile.Registration;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of a Confluent-compatible schema registry; safe for use by many threads, meant to be
 * shared.
 *
 * <p>An id never changes its meaning, so what was learnt once is never asked again and stays usable
 * while the registry is away. With {@link SchemaRegistryConfig#CACHE_FILE} that holds across
 * restarts: what the file remembers is used when the registry does not answer, but a registry that
 * does answer is believed over the file.
 */
public final class SchemaRegistryClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistryClient.class);

    /** Short, because a replica of the registry may lag behind the one that gave the id. */
    private static final Duration UNUSABLE_ID_MEMORY = Duration.ofSeconds(10);

    private static final int UNUSABLE_IDS_REMEMBERED = 1000;

    /** How long a failed registry is taken to be away where the file has the answer. */
    private static final Duration OUTAGE_MEMORY = Duration.ofSeconds(30);

    private record Unusable(SchemaRegistryException reason, long since) {}

    private final SchemaRegistryConfig config;
    private final RegistryHttp http;
    private final LongSupplier nanoTime;
    private final @Nullable SchemaCacheFile file;
    private final Content remembered;
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Unusable> unusableIds =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Integer, Unusable> eldest) {
                    return size() > UNUSABLE_IDS_REMEMBERED;
                }
            };
    private volatile @Nullable Long awaySince;

    /** Creates a client; nothing is asked of the registry before it is needed. */
    public SchemaRegistryClient(SchemaRegistryConfig config) {
        this(config, Thread::sleep, System::nanoTime);
    }

    SchemaRegistryClient(
            SchemaRegistryConfig config, RegistryHttp.Pause pause, LongSupplier nanoTime) {
        this.config = config;
        this.http = new RegistryHttp(config, pause);
        this.nanoTime = nanoTime;
        this.file =
                config.cacheFile()
                        .map(path -> new SchemaCacheFile(path, config.urls()))
                        .orElse(null);
        this.remembered = file == null ? Content.EMPTY : file.read();
    }

    public SchemaRegistryConfig config() {
        return config;
    }

    /** Returns the id of a schema under a subject, registered if need be and allowed. */
    public int idOf(String subject, Schema schema) {
        return config.autoRegister() ? register(subject, schema) : lookup(subject, schema);
    }

    /** Registers the schema under the subject, unless it is already, and returns its id. */
    public int register(String subject, Schema schema) {
        return idOf(subject, schema, "/versions", "register a schema under subject " + subject);
    }

    /** Returns the id of a schema that was registered under the subject before. */
    public int lookup(String subject, Schema schema) {
        return idOf(
                subject,
                schema,
                "",
                "find the schema %s under subject %s".formatted(schema.getFullName(), subject));
    }

    /** Returns the schema with this id. */
    public Schema schemaById(int id) {
        WireFormat.requireValid(id);
        var known = schemas.get(id);
        if (known != null) {
            return known;
        }
        refuseIfUnusable(id);
        try {
            var fallback = remembered.schemas().get(id);
            var schema = unlessAway(fallback, retries -> fetch(id, retries));
            learn(id, schema);
            return schema;
        } catch (SchemaRegistryException failure) {
            if (failure.kind() == Kind.NOT_FOUND || failure.kind() == Kind.INVALID) {
                synchronized (unusableIds) {
                    unusableIds.put(id, new Unusable(failure, nanoTime.getAsLong()));
                }
            }
            throw failure;
        }
    }

    /** Returns the newest version of the subject; always asks. */
    public RegisteredSchema latest(String subject) {
        var purpose = "read the latest schema of subject " + subject;
        var answer =
                call(
                        "GET",
                        "/subjects/%s/versions/latest".formatted(encode(subject)),
                        null,
                        purpose);
        var schema = schemaIn(answer, purpose);
        int id = idIn(answer, purpose);
        learn(id, schema);
        return new RegisteredSchema(subject, answer.path("version").asInt(), id, schema);
    }

    /** Sets what the registry demands of further schemas of the subject. */
    public void setCompatibility(String subject, Compatibility level) {
        call(
                "PUT",
                "/config/" + encode(subject),
                RegistryHttp.JSON.createObjectNode().put("compatibility", level.name()),
                "set the compatibility of subject %s to %s".formatted(subject, level));
    }

    /** Returns whether the schema could be registered under the subject. */
    public boolean isCompatible(String subject, Schema schema) {
        return incompatibilities(subject, schema).isEmpty();
    }

    /** Returns why the schema could not be registered under the subject; empty if it could. */
    public List<String> incompatibilities(String subject, Schema schema) {
        JsonNode answer;
        try {
            answer =
                    call(
                            "POST",
                            "/compatibility/subjects/%s/versions?verbose=true"
                                    .formatted(encode(subject)),
                            body(schema),
                            "check a schema against subject " + subject);
        } catch (SchemaRegistryException failure) {
            if (failure.kind() == Kind.NOT_FOUND) {
                return List.of();
            }
            throw failure;
        }
        if (answer.path("is_compatible").asBoolean()) {
            return List.of();
        }
        var messages = answer.path("messages").valueStream().map(JsonNode::asText).toList();
        return messages.isEmpty()
                ? List.of("not compatible with the schemas of subject " + subject)
                : messages;
    }

    private int idOf(String subject, Schema schema, String resource, String purpose) {
        var registration = new Registration(subject, schema);
        var known = ids.get(registration);
        if (known != null) {
            return known;
        }
        var path =
                "/subjects/%s%s%s"
                        .formatted(
                                encode(subject),
                                resource,
                                config.normalize() ? "?normalize=true" : "");
        var fallback = remembered.ids().get(registration);
        Integer id =
                unlessAway(
                        fallback,
                        retries ->
                                idIn(
                                        http.call("POST", path, body(schema), retries, purpose),
                                        purpose));
        ids.put(registration, id);
        schemas.putIfAbsent(id, schema);
        if (!id.equals(fallback)) {
            save();
        }
        return id;
    }

    /** The file is written only for what it does not have. */
    private void learn(int id, Schema schema) {
        if (schemas.putIfAbsent(id, schema) == null
                && !schema.equals(remembered.schemas().get(id))) {
            save();
        }
    }

    private Schema fetch(int id, int retries) {
        var purpose = "read schema " + id;
        return schemaIn(http.call("GET", "/schemas/ids/" + id, null, retries, purpose), purpose);
    }

    private JsonNode call(String method, String path, @Nullable ObjectNode body, String purpose) {
        return http.call(method, path, body, config.maxRetries(), purpose);
    }

    /** Asks with all patience if nothing is remembered, and only now and then if something is. */
    private <V> V unlessAway(@Nullable V fallback, IntFunction<V> ask) {
        if (fallback == null) {
            return ask.apply(config.maxRetries());
        }
        var away = awaySince;
        if (away != null && nanoTime.getAsLong() - away < OUTAGE_MEMORY.toNanos()) {
            return fallback;
        }
        try {
            var answer = ask.apply(0);
            awaySince = null;
            return answer;
        } catch (SchemaRegistryException failure) {
            if (failure.kind() != Kind.UNAVAILABLE) {
                throw failure;
            }
            awaySince = nanoTime.getAsLong();
            LOG.atWarn()
                    .addKeyValue("reason", failure.getMessage())
                    .log("Going on with what the schema cache file remembers");
            return fallback;
        }
    }

    private void refuseIfUnusable(int id) {
        synchronized (unusableIds) {
            var unusable = unusableIds.get(id);
            if (unusable == null) {
                return;
            }
            if (nanoTime.getAsLong() - unusable.since() < UNUSABLE_ID_MEMORY.toNanos()) {
                throw new SchemaRegistryException(
                        unusable.reason().kind(),
                        Optional.ofNullable(unusable.reason().getMessage()).orElse(""),
                        unusable.reason());
            }
            unusableIds.remove(id);
        }
    }

    private ObjectNode body(Schema schema) {
        var text =
                config.removeJavaProperties()
                        ? AvroSchemas.withoutJavaProperties(schema).toString()
                        : schema.toString();
        return RegistryHttp.JSON.createObjectNode().put("schema", text);
    }

    private static int idIn(JsonNode answer, String purpose) {
        var id = answer.path("id");
        if (!id.isInt() || id.asInt() < 0) {
            throw new SchemaRegistryException(
                    Kind.OTHER, "Cannot %s: the answer names no schema id".formatted(purpose));
        }
        return id.asInt();
    }

    private static Schema schemaIn(JsonNode answer, String purpose) {
        var type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new SchemaRegistryException(
                    Kind.INVALID,
                    "Cannot %s: it is a %s schema, and only AVRO is supported"
                            .formatted(purpose, type));
        }
        if (!answer.path("references").isEmpty()) {
            throw new SchemaRegistryException(
                    Kind.INVALID,
                    "Cannot %s: it refers to other schemas, which is not supported; register it with all its types inside"
                            .formatted(purpose));
        }
        try {
            return new Schema.Parser().parse(answer.path("schema").asText());
        } catch (AvroRuntimeException failure) {
            throw new SchemaRegistryException(
                    Kind.INVALID,
                    "Cannot %s: it is not valid Avro: %s".formatted(purpose, failure.getMessage()),
                    failure);
        }
    }

    private static String encode(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private synchronized void save() {
        if (file != null) {
            var allSchemas = new HashMap<>(remembered.schemas());
            allSchemas.putAll(schemas);
            var allIds = new HashMap<>(remembered.ids());
            allIds.putAll(ids);
            file.write(new Content(allSchemas, allIds));
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
