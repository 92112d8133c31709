package dev.openkcm.networking.kernel.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The registry's REST protocol: one exchange, repeated and moved to another URL where that helps.
 */
final class RegistryHttp implements AutoCloseable {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final long MAX_ANSWER_BYTES = 16L << 20;

    /** How the wait between two attempts is spent. */
    @FunctionalInterface
    interface Pause {
        void take(Duration duration) throws InterruptedException;
    }

    private final SchemaRegistryConfig config;
    private final Pause pause;
    private final HttpClient.Builder builder;
    private @Nullable HttpClient client;
    private volatile int preferredUrl;

    RegistryHttp(SchemaRegistryConfig config, Pause pause) {
        this.config = config;
        this.pause = pause;
        this.builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(config.connectTimeout());
        config.sslContext().or(() -> unlessEncrypted(config.urls())).ifPresent(builder::sslContext);
    }

    /**
     * Trusts nobody. Of its own accord a client reads the certificates of all authorities when it
     * is made, needed or not: a tenth of a second of CPU at the start of each service.
     */
    private static Optional<SSLContext> unlessEncrypted(List<URI> urls) {
        if (urls.stream().anyMatch(url -> "https".equalsIgnoreCase(url.getScheme()))) {
            return Optional.empty();
        }
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[0], null);
            return Optional.of(context);
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("the virtual machine has no TLS", failure);
        }
    }

    /** Made when it is first needed, which a service that knows its schemas does not wait for. */
    private synchronized HttpClient client() {
        if (client == null) {
            client = builder.build();
        }
        return client;
    }

    /**
     * Asks until there is an answer or the retries are used up.
     *
     * @param purpose what the request is for, in words that complete "cannot ..."
     */
    JsonNode call(
            String method, String path, @Nullable JsonNode body, int retries, String purpose) {
        for (int attempt = 0; ; attempt++) {
            try {
                return callAnyUrl(method, path, body, purpose);
            } catch (SchemaRegistryException failure) {
                if (failure.kind() != Kind.UNAVAILABLE || attempt >= retries) {
                    throw failure;
                }
                waitBefore(attempt, failure);
            }
        }
    }

    private JsonNode callAnyUrl(
            String method, String path, @Nullable JsonNode body, String purpose) {
        int urls = config.urls().size();
        int first = preferredUrl;
        for (int offset = 0; ; offset++) {
            int index = (first + offset) % urls;
            try {
                var answer = callOnce(config.urls().get(index), method, path, body, purpose);
                preferredUrl = index;
                return answer;
            } catch (SchemaRegistryException failure) {
                if (failure.kind() != Kind.UNAVAILABLE || offset == urls - 1) {
                    throw failure;
                }
            }
        }
    }

    private JsonNode callOnce(
            URI url, String method, String path, @Nullable JsonNode body, String purpose) {
        var request =
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(config.readTimeout())
                        .header("Accept", MEDIA_TYPE + ", application/json")
                        .header("Content-Type", MEDIA_TYPE)
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body.toString()));
        config.authorization().ifPresent(value -> request.header("Authorization", value));
        try {
            var answer =
                    client().send(
                                    request.build(),
                                    BodyHandlers.limiting(
                                            BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
            return judge(url, answer, purpose);
        } catch (IOException failure) {
            throw unavailable(url, purpose, failure);
        } catch (InterruptedException failure) {
            Thread.currentThread().interrupt();
            throw unavailable(url, purpose, failure);
        }
    }

    private static JsonNode judge(URI url, HttpResponse<byte[]> answer, String purpose) {
        int status = answer.statusCode();
        var body = parse(answer.body());
        if (status / 100 == 2 && body.isContainerNode()) {
            return body;
        }
        var code = body.path("error_code").asInt();
        var kind = kind(status, code);
        var said = body.path("message").asText("");
        throw new SchemaRegistryException(
                kind,
                "Cannot %s: the schema registry at %s answered %d%s; %s"
                        .formatted(
                                purpose,
                                url,
                                status,
                                said.isEmpty() ? "" : " (" + said + ")",
                                advice(kind)));
    }

    /** A 404 counts as the registry's word only with its own code; else the URL is wrong. */
    private static Kind kind(int status, int errorCode) {
        return switch (status) {
            case 401, 403 -> Kind.UNAUTHORIZED;
            case 404 -> errorCode / 100 == 404 ? Kind.NOT_FOUND : Kind.OTHER;
            case 409 -> Kind.INCOMPATIBLE;
            case 422 -> Kind.INVALID;
            case 408, 429 -> Kind.UNAVAILABLE;
            default -> status >= 500 ? Kind.UNAVAILABLE : Kind.OTHER;
        };
    }

    private static String advice(Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> "it is overloaded or failing, try again later";
            case UNAUTHORIZED ->
                    "check %s or %s and what they allow"
                            .formatted(
                                    SchemaRegistryConfig.BASIC_AUTH_USER_INFO,
                                    SchemaRegistryConfig.BEARER_AUTH_TOKEN);
            case NOT_FOUND -> "is this the registry the schema was registered with?";
            case INCOMPATIBLE ->
                    "change the schema so that it is compatible with those registered before";
            case INVALID -> "correct the schema";
            case OTHER ->
                    "does %s name the base URL of a Confluent-compatible API?"
                            .formatted(SchemaRegistryConfig.URL);
        };
    }

    private static SchemaRegistryException unavailable(URI url, String purpose, Exception cause) {
        var reason =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new SchemaRegistryException(
                Kind.UNAVAILABLE,
                "Cannot %s: the schema registry at %s cannot be reached (%s); is it running, and is %s right?"
                        .formatted(purpose, url, reason, SchemaRegistryConfig.URL),
                cause);
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException notJson) {
            return MissingNode.getInstance();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Full jitter would let all clients of a restarted registry return at once now and then. */
    private void waitBefore(int attempt, SchemaRegistryException failure) {
        long longest =
                Math.min(
                        config.retryMaxWait().toMillis(),
                        config.retryWait().toMillis() << Math.min(attempt, 20));
        try {
            pause.take(
                    Duration.ofMillis(
                            longest - ThreadLocalRandom.current().nextLong(longest / 2 + 1)));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }
}
