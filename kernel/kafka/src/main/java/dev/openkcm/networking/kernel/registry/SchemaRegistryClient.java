package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks the REST protocol of the Confluent Schema Registry.
 *
 * <p>Ids and schemas never change, so what was once learned is kept for ever, and with a cache file
 * beyond a restart: while the registry is away, known schemas keep working.
 */
public final class SchemaRegistryClient {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistryClient.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

    /** A flood of records with an id that does not exist must not become a flood of requests. */
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);

    private static final int UNKNOWN_IDS = 10_000;

    private final SchemaRegistryConfig config;
    private final HttpClient http;
    private final SchemaCache cache;
    private final Map<Integer, Long> unknownIds = new ConcurrentHashMap<>();

    public SchemaRegistryClient(SchemaRegistryConfig config) {
        this.config = config;
        this.http = HttpClient.newBuilder().connectTimeout(config.connectTimeout()).build();
        this.cache = SchemaCache.open(config.cacheFile());
    }

    public SchemaRegistryConfig config() {
        return config;
    }

    /** The id of a schema under a subject, registered if need be and allowed. */
    public int idOf(String subject, Schema schema) {
        var known = cache.id(subject, schema);
        if (known.isPresent()) {
            return known.getAsInt();
        }
        String path = "/subjects/" + encode(subject) + (config.autoRegister() ? "/versions" : "");
        var body = JSON.createObjectNode().put("schema", schema.toString());
        var answer = request("POST", normalized(path), body, "register the schema of " + subject);
        int id = answer.path("id").asInt(-1);
        WireFormat.requireValid(id);
        cache.put(subject, schema, id);
        return id;
    }

    private String normalized(String path) {
        return config.normalize() ? path + "?normalize=true" : path;
    }

    /** The schema of an id. */
    public Schema schemaById(int id) {
        var known = cache.schema(id);
        if (known.isPresent()) {
            return known.get();
        }
        var unknownSince = unknownIds.get(id);
        if (unknownSince != null && System.nanoTime() - unknownSince < UNKNOWN_FOR.toNanos()) {
            throw unknown(id);
        }
        try {
            var answer = request("GET", "/schemas/ids/" + id, null, "fetch schema " + id);
            var schema = parse(answer, "schema " + id);
            cache.put(id, schema);
            return schema;
        } catch (SchemaRegistryException failure) {
            if (failure.kind() != Kind.NOT_FOUND) {
                throw failure;
            }
            if (unknownIds.size() >= UNKNOWN_IDS) {
                unknownIds.clear();
            }
            unknownIds.put(id, System.nanoTime());
            throw unknown(id);
        }
    }

    private static SchemaRegistryException unknown(int id) {
        return new SchemaRegistryException(
                Kind.NOT_FOUND, "the schema registry has no schema of id " + id);
    }

    /** The latest version of a subject. */
    public RegisteredSchema latest(String subject) {
        var answer =
                request(
                        "GET",
                        "/subjects/" + encode(subject) + "/versions/latest",
                        null,
                        "fetch the latest schema of " + subject);
        return new RegisteredSchema(
                subject,
                answer.path("version").asInt(),
                answer.path("id").asInt(),
                parse(answer, subject));
    }

    /** Demands a compatibility of the future schemas of a subject. */
    public void setCompatibility(String subject, Compatibility compatibility) {
        request(
                "PUT",
                "/config/" + encode(subject),
                JSON.createObjectNode().put("compatibility", compatibility.name()),
                "set the compatibility of " + subject);
    }

    /** Whether a schema could become the next version of a subject. */
    public boolean isCompatible(String subject, Schema schema) {
        return request(
                        "POST",
                        "/compatibility/subjects/" + encode(subject) + "/versions/latest",
                        JSON.createObjectNode().put("schema", schema.toString()),
                        "check a schema of " + subject)
                .path("is_compatible")
                .asBoolean();
    }

    private static Schema parse(JsonNode answer, String what) {
        String type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO") || !answer.path("references").isEmpty()) {
            throw new SchemaRegistryException(
                    Kind.INVALID,
                    "%s is a schema of type %s with %d references; only Avro schemas that stand alone are supported"
                            .formatted(what, type, answer.path("references").size()));
        }
        try {
            return new Schema.Parser().parse(answer.path("schema").asText());
        } catch (AvroRuntimeException invalid) {
            throw new SchemaRegistryException(
                    Kind.INVALID, what + " is not a valid Avro schema", invalid);
        }
    }

    private JsonNode request(
            String method, String path, @Nullable ObjectNode body, String purpose) {
        long wait = config.retryWait().toMillis();
        for (int attempt = 0; ; attempt++) {
            try {
                return onAnyUrl(method, path, body, purpose);
            } catch (SchemaRegistryException failure) {
                if (failure.kind() != Kind.UNAVAILABLE || attempt >= config.maxRetries()) {
                    throw failure;
                }
                LOG.warn("{}; trying again", failure.getMessage());
                pause(wait, purpose);
                wait = Math.min(2 * wait, config.retryMaxWait().toMillis());
            }
        }
    }

    /** With jitter, so that services that lost the registry together do not return together. */
    private static void pause(long millis, String purpose) {
        try {
            Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException(
                    Kind.UNAVAILABLE, "interrupted while waiting to " + purpose, stopped);
        }
    }

    private JsonNode onAnyUrl(
            String method, String path, @Nullable ObjectNode body, String purpose) {
        SchemaRegistryException last = null;
        for (URI url : config.urls()) {
            try {
                return once(url, method, path, body, purpose);
            } catch (SchemaRegistryException failure) {
                if (failure.kind() != Kind.UNAVAILABLE) {
                    throw failure;
                }
                last = failure;
            }
        }
        throw last == null
                ? new SchemaRegistryException(Kind.UNAVAILABLE, "no registry is configured")
                : last;
    }

    private JsonNode once(
            URI url, String method, String path, @Nullable ObjectNode body, String purpose) {
        var request =
                HttpRequest.newBuilder(URI.create(withoutCredentials(url) + path))
                        .timeout(config.readTimeout())
                        .header("Accept", CONTENT_TYPE + ", application/json")
                        .header("Content-Type", CONTENT_TYPE)
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body.toString()));
        config.authorization().ifPresent(value -> request.header("Authorization", value));
        try {
            var response = http.send(request.build(), BodyHandlers.ofString());
            return answer(response, "can't %s at %s".formatted(purpose, withoutCredentials(url)));
        } catch (IOException away) {
            throw new SchemaRegistryException(
                    Kind.UNAVAILABLE,
                    "can't %s: the registry at %s does not answer (%s)"
                            .formatted(purpose, withoutCredentials(url), away),
                    away);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException(
                    Kind.UNAVAILABLE, "interrupted while trying to " + purpose, stopped);
        }
    }

    private static String withoutCredentials(URI url) {
        return url.getUserInfo() == null
                ? url.toString()
                : url.toString().replace(url.getRawUserInfo() + "@", "");
    }

    private static JsonNode answer(HttpResponse<String> response, String failure) {
        JsonNode body;
        try {
            body = JSON.readTree(response.body());
        } catch (JsonProcessingException notJson) {
            body = JSON.createObjectNode();
        }
        int status = response.statusCode();
        if (status / 100 == 2) {
            return body;
        }
        var kind =
                switch (status) {
                    case 401, 403 -> Kind.UNAUTHORIZED;
                    case 404 -> Kind.NOT_FOUND;
                    case 409 -> Kind.INCOMPATIBLE;
                    case 422 -> Kind.INVALID;
                    default -> status == 429 || status >= 500 ? Kind.UNAVAILABLE : Kind.OTHER;
                };
        throw new SchemaRegistryException(
                kind, "%s: %d %s".formatted(failure, status, body.path("message").asText()));
    }

    private static String encode(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
