package dev.openkcm.networking.kernel.registry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * How to talk to the schema registry, read from the usual configuration keys of Confluent's
 * clients, plus {@code schema.registry.cache.file}.
 *
 * @param urls tried in order
 * @param authorization the value of the header, when one is to be sent
 * @param autoRegister register unknown schemas when writing; otherwise they must be there
 * @param useLatestVersion write with the latest registered schema of the subject
 * @param maxRetries how often a request is tried again that found the registry away or failing
 * @param cacheFile where ids and schemas outlive a restart
 */
public record SchemaRegistryConfig(
        List<URI> urls,
        Optional<String> authorization,
        boolean autoRegister,
        boolean useLatestVersion,
        boolean normalize,
        SubjectNameStrategy keyStrategy,
        SubjectNameStrategy valueStrategy,
        int maxRetries,
        Duration retryWait,
        Duration retryMaxWait,
        Duration connectTimeout,
        Duration readTimeout,
        Optional<Path> cacheFile) {

    public static final String URL = "schema.registry.url";
    public static final String AUTO_REGISTER = "auto.register.schemas";
    public static final String CACHE_FILE = "schema.registry.cache.file";

    /** Reads the keys, with or without the prefix {@code schema.registry.} where both are usual. */
    public static SchemaRegistryConfig of(Map<String, ?> properties) {
        var keys = new Keys(properties);
        var urls = urls(keys.text(URL).orElse(""));
        return new SchemaRegistryConfig(
                urls,
                authorization(keys, urls),
                keys.flag(AUTO_REGISTER, true),
                keys.flag("use.latest.version", false),
                keys.flag("normalize.schemas", false),
                strategy(keys, "key.subject.name.strategy"),
                strategy(keys, "value.subject.name.strategy"),
                keys.number("max.retries", 3),
                Duration.ofMillis(keys.number("retries.wait.ms", 1_000)),
                Duration.ofMillis(keys.number("retries.max.wait.ms", 20_000)),
                Duration.ofMillis(keys.number("http.connect.timeout.ms", 10_000)),
                Duration.ofMillis(keys.number("http.read.timeout.ms", 10_000)),
                keys.text(CACHE_FILE).map(Path::of));
    }

    private static SubjectNameStrategy strategy(Keys keys, String key) {
        return keys.text(key)
                .map(value -> SubjectNameStrategy.parse(key, value))
                .orElse(SubjectNameStrategy.TOPIC);
    }

    private static List<URI> urls(String configured) {
        var urls = new ArrayList<URI>();
        for (String text : configured.split(",", -1)) {
            String url = text.strip().replaceAll("/+$", "");
            if (!url.matches("https?://[^/].*")) {
                throw new ConfigException(
                        URL, configured, "must be a comma-separated list of http or https URLs");
            }
            urls.add(URI.create(url));
        }
        return List.copyOf(urls);
    }

    private static Optional<String> authorization(Keys keys, List<URI> urls) {
        String sourceKey = "basic.auth.credentials.source";
        var token = keys.text("bearer.auth.token");
        if (token.isPresent()) {
            return token.map(t -> "Bearer " + t);
        }
        String source = keys.text(sourceKey).orElse("URL");
        return switch (source) {
            case "URL" ->
                    keys.text("basic.auth.user.info")
                            .or(() -> Optional.ofNullable(urls.getFirst().getUserInfo()))
                            .map(SchemaRegistryConfig::basic);
            case "USER_INFO" -> keys.text("basic.auth.user.info").map(SchemaRegistryConfig::basic);
            default -> throw new ConfigException(sourceKey, source, "must be URL or USER_INFO");
        };
    }

    private static String basic(String userInfo) {
        return "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    }

    /** Looks keys up in both usual spellings. */
    private record Keys(Map<String, ?> properties) {

        Optional<String> text(String key) {
            @Nullable Object value = properties.get(key);
            if (value == null) {
                value = properties.get("schema.registry." + key);
            }
            return Optional.ofNullable(value)
                    .map(Object::toString)
                    .map(String::strip)
                    .filter(text -> !text.isEmpty());
        }

        boolean flag(String key, boolean otherwise) {
            return text(key)
                    .map(text ->
                            switch (text) {
                                case "true" -> true;
                                case "false" -> false;
                                default ->
                                        throw new ConfigException(
                                                key, text, "must be true or false");
                            })
                    .orElse(otherwise);
        }

        int number(String key, int otherwise) {
            return text(key)
                    .map(text -> {
                        if (!text.matches("[0-9]{1,9}")) {
                            throw new ConfigException(
                                    key, text, "must be a number that is not negative");
                        }
                        return Integer.parseInt(text);
                    })
                    .orElse(otherwise);
        }
    }
}
