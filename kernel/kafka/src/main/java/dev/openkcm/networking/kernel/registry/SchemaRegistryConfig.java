package dev.openkcm.networking.kernel.registry;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.PASSWORD;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a registry client, under the keys that Confluent's clients use.
 *
 * <p>Three deviations, towards what was meant: credentials that are given are used even if no
 * {@code *.credentials.source} says so, a value that is not understood is an error, and a registry
 * that hangs is given up after ten seconds rather than sixty. Keys of others are ignored, so that
 * the properties of a whole Kafka client can be passed.
 */
public final class SchemaRegistryConfig {

    public static final String URL = "schema.registry.url";
    public static final String AUTO_REGISTER = "auto.register.schemas";

    /** Ours: where schemas and ids are kept, so that a restart does without the registry. */
    public static final String CACHE_FILE = "schema.registry.cache.file";

    static final String USE_LATEST_VERSION = "use.latest.version";
    static final String LATEST_STRICT = "latest.compatibility.strict";
    static final String BASIC_AUTH_SOURCE = "basic.auth.credentials.source";
    static final String BASIC_AUTH_USER_INFO = "basic.auth.user.info";
    static final String BEARER_AUTH_SOURCE = "bearer.auth.credentials.source";
    static final String BEARER_AUTH_TOKEN = "bearer.auth.token";
    static final String NORMALIZE = "normalize.schemas";
    static final String REMOVE_JAVA_PROPERTIES = "avro.remove.java.properties";
    static final String MAX_RETRIES = "max.retries";
    static final String RETRIES_WAIT_MS = "retries.wait.ms";
    static final String RETRIES_MAX_WAIT_MS = "retries.max.wait.ms";
    static final String CONNECT_TIMEOUT_MS = "http.connect.timeout.ms";
    static final String READ_TIMEOUT_MS = "http.read.timeout.ms";
    static final String KEY_STRATEGY = "key.subject.name.strategy";
    static final String VALUE_STRATEGY = "value.subject.name.strategy";

    private static final String PREFIX = "schema.registry.";
    private static final String TRUSTSTORE = PREFIX + "ssl.truststore.";
    private static final String KEYSTORE = PREFIX + "ssl.keystore.";
    private static final String KEY_PASSWORD = PREFIX + "ssl.key.password";

    private static final ConfigDef DEFINITION = definition();

    private final AbstractConfig values;
    private final List<URI> urls;
    private final @Nullable String authorization;
    private final SubjectNameStrategy keyStrategy;
    private final SubjectNameStrategy valueStrategy;

    private SchemaRegistryConfig(AbstractConfig values) {
        this.values = values;
        var configured = parseUrls(values.getList(URL));
        this.authorization = authorization(values, configured);
        this.urls = configured.stream().map(SchemaRegistryConfig::withoutCredentials).toList();
        this.keyStrategy = SubjectNameStrategy.parse(KEY_STRATEGY, values.getString(KEY_STRATEGY));
        this.valueStrategy =
                SubjectNameStrategy.parse(VALUE_STRATEGY, values.getString(VALUE_STRATEGY));
    }

    /** Reads the keys, with or without the prefix {@code schema.registry.}. */
    public static SchemaRegistryConfig of(Map<String, ?> properties) {
        var relevant = new HashMap<String, Object>();
        for (var key : DEFINITION.names()) {
            @Nullable Object value = properties.get(key);
            if (value == null && !key.startsWith(PREFIX)) {
                value = properties.get(PREFIX + key);
            }
            if (value != null) {
                relevant.put(key, value instanceof Class<?> type ? type.getName() : value);
            }
        }
        return new SchemaRegistryConfig(new AbstractConfig(DEFINITION, relevant, false));
    }

    /** Base URLs without trailing slash and without credentials. */
    public List<URI> urls() {
        return urls;
    }

    Optional<String> authorization() {
        return Optional.ofNullable(authorization);
    }

    boolean autoRegister() {
        return values.getBoolean(AUTO_REGISTER);
    }

    boolean useLatestVersion() {
        return values.getBoolean(USE_LATEST_VERSION);
    }

    boolean latestStrict() {
        return values.getBoolean(LATEST_STRICT);
    }

    boolean normalize() {
        return values.getBoolean(NORMALIZE);
    }

    boolean removeJavaProperties() {
        return values.getBoolean(REMOVE_JAVA_PROPERTIES);
    }

    int maxRetries() {
        return values.getInt(MAX_RETRIES);
    }

    Duration retryWait() {
        return Duration.ofMillis(values.getInt(RETRIES_WAIT_MS));
    }

    Duration retryMaxWait() {
        return Duration.ofMillis(values.getInt(RETRIES_MAX_WAIT_MS));
    }

    Duration connectTimeout() {
        return Duration.ofMillis(values.getInt(CONNECT_TIMEOUT_MS));
    }

    Duration readTimeout() {
        return Duration.ofMillis(values.getInt(READ_TIMEOUT_MS));
    }

    SubjectNameStrategy strategy(boolean isKey) {
        return isKey ? keyStrategy : valueStrategy;
    }

    Optional<Path> cacheFile() {
        return given(values, CACHE_FILE).map(Path::of);
    }

    /** The TLS settings, unless those of the JVM are to be used. */
    Optional<SSLContext> sslContext() {
        boolean trust = given(values, TRUSTSTORE + "location").isPresent();
        boolean key = given(values, KEYSTORE + "location").isPresent();
        if (!trust && !key) {
            return Optional.empty();
        }
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(key ? keyManagers() : null, trust ? trustManagers() : null, null);
            return Optional.of(context);
        } catch (GeneralSecurityException failure) {
            throw new ConfigException(
                    "The TLS settings under %sssl. cannot be used: %s"
                            .formatted(PREFIX, failure.getMessage()));
        }
    }

    private TrustManager[] trustManagers() throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store(TRUSTSTORE));
        return factory.getTrustManagers();
    }

    private KeyManager[] keyManagers() throws GeneralSecurityException {
        var password =
                given(values, KEY_PASSWORD)
                        .or(() -> given(values, KEYSTORE + "password"))
                        .orElse("");
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store(KEYSTORE), password.toCharArray());
        return factory.getKeyManagers();
    }

    private KeyStore store(String prefix) throws GeneralSecurityException {
        var location = values.getString(prefix + "location");
        var store = KeyStore.getInstance(values.getString(prefix + "type"));
        try (InputStream in = Files.newInputStream(Path.of(location))) {
            store.load(in, given(values, prefix + "password").orElse("").toCharArray());
            return store;
        } catch (IOException failure) {
            throw new ConfigException(
                    prefix + "location", location, "cannot be read: " + failure.getMessage());
        }
    }

    private static Optional<String> given(AbstractConfig values, String key) {
        var text =
                values.typeOf(key) == PASSWORD
                        ? values.getPassword(key).value()
                        : values.getString(key);
        return text.isBlank() ? Optional.empty() : Optional.of(text.strip());
    }

    /** A URL may hold a password, so none of the messages repeats it. */
    private static List<URI> parseUrls(List<String> configured) {
        var urls = new ArrayList<URI>();
        for (var text : configured) {
            try {
                var url = new URI(text.strip().replaceAll("/+$", ""));
                if (!List.of("http", "https").contains(String.valueOf(url.getScheme()))
                        || url.getHost() == null) {
                    throw new URISyntaxException("", "no http:// or https:// with a host");
                }
                urls.add(url);
            } catch (URISyntaxException failure) {
                throw new ConfigException(
                        "%s must be a comma-separated list of http or https URLs: %s"
                                .formatted(URL, failure.getReason()));
            }
        }
        if (urls.isEmpty()) {
            throw new ConfigException(URL + " must name at least one URL");
        }
        return urls;
    }

    private static @Nullable String authorization(AbstractConfig values, List<URI> urls) {
        var source = values.getString(BASIC_AUTH_SOURCE);
        var userInfo = given(values, BASIC_AUTH_USER_INFO);
        var token = given(values, BEARER_AUTH_TOKEN);
        if (source.equals("USER_INFO") && userInfo.isEmpty()) {
            throw new ConfigException(
                    "%s=USER_INFO needs %s=user:password"
                            .formatted(BASIC_AUTH_SOURCE, BASIC_AUTH_USER_INFO));
        }
        if (!values.getString(BEARER_AUTH_SOURCE).isEmpty() && token.isEmpty()) {
            throw new ConfigException(
                    "%s=STATIC_TOKEN needs %s".formatted(BEARER_AUTH_SOURCE, BEARER_AUTH_TOKEN));
        }
        if (token.isPresent() && userInfo.isPresent()) {
            throw new ConfigException(
                    "Set one of %s and %s, not both"
                            .formatted(BEARER_AUTH_TOKEN, BASIC_AUTH_USER_INFO));
        }
        if (token.isPresent()) {
            return "Bearer " + token.get();
        }
        if (userInfo.isPresent() && !source.equals("URL")) {
            return basic(userInfo.get());
        }
        return urls.stream()
                .map(URI::getRawUserInfo)
                .filter(Objects::nonNull)
                .findFirst()
                .map(raw -> URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8))
                .map(SchemaRegistryConfig::basic)
                .orElse(null);
    }

    private static String basic(String userInfo) {
        return "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    }

    private static URI withoutCredentials(URI url) {
        return url.getRawUserInfo() == null
                ? url
                : URI.create(url.toString().replace(url.getRawUserInfo() + "@", ""));
    }

    private static ConfigDef definition() {
        var storeTypes = ValidString.in("JKS", "PKCS12");
        var basicSources = ValidString.in("", "URL", "USER_INFO");
        var bearerSources = ValidString.in("", "STATIC_TOKEN");
        var notNegative = Range.atLeast(0);
        return new ConfigDef()
                .define(URL, LIST, HIGH, "Base URLs; when one fails, the next is asked.")
                .define(BASIC_AUTH_SOURCE, STRING, "", basicSources, MEDIUM, "")
                .define(BASIC_AUTH_USER_INFO, PASSWORD, "", MEDIUM, "user:password")
                .define(BEARER_AUTH_SOURCE, STRING, "", bearerSources, MEDIUM, "")
                .define(BEARER_AUTH_TOKEN, PASSWORD, "", MEDIUM, "The token itself.")
                .define(AUTO_REGISTER, BOOLEAN, true, MEDIUM, "Whether writing registers.")
                .define(USE_LATEST_VERSION, BOOLEAN, false, LOW, "If writing may not.")
                .define(LATEST_STRICT, BOOLEAN, true, LOW, "It must fit every record.")
                .define(NORMALIZE, BOOLEAN, false, LOW, "Before schemas are compared.")
                .define(REMOVE_JAVA_PROPERTIES, BOOLEAN, false, LOW, "From the registry.")
                .define(MAX_RETRIES, INT, 3, notNegative, LOW, "While it is away.")
                .define(RETRIES_WAIT_MS, INT, 1_000, notNegative, LOW, "Then doubled.")
                .define(RETRIES_MAX_WAIT_MS, INT, 20_000, notNegative, LOW, "At most.")
                .define(CONNECT_TIMEOUT_MS, INT, 10_000, Range.atLeast(1), LOW, "")
                .define(READ_TIMEOUT_MS, INT, 10_000, Range.atLeast(1), LOW, "")
                .define(TRUSTSTORE + "location", STRING, "", LOW, "Whom to trust.")
                .define(TRUSTSTORE + "password", PASSWORD, "", LOW, "")
                .define(TRUSTSTORE + "type", STRING, "JKS", storeTypes, LOW, "")
                .define(KEYSTORE + "location", STRING, "", LOW, "Who the client is.")
                .define(KEYSTORE + "password", PASSWORD, "", LOW, "")
                .define(KEYSTORE + "type", STRING, "JKS", storeTypes, LOW, "")
                .define(KEY_PASSWORD, PASSWORD, "", LOW, "If not the store's.")
                .define(KEY_STRATEGY, STRING, "TopicNameStrategy", LOW, "")
                .define(VALUE_STRATEGY, STRING, "TopicNameStrategy", LOW, "")
                .define(CACHE_FILE, STRING, "", MEDIUM, "What outlives a restart.");
    }
}
