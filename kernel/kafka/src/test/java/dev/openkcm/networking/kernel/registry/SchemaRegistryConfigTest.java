package dev.openkcm.networking.kernel.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaRegistryConfigTest {

    @Test
    void hasTheUsualDefaults() {
        var config = config(Map.of());

        assertThat(config.autoRegister()).isTrue();
        assertThat(config.useLatestVersion()).isFalse();
        assertThat(config.latestStrict()).isTrue();
        assertThat(config.normalize()).isFalse();
        assertThat(config.maxRetries()).isEqualTo(3);
        assertThat(config.retryWait()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.strategy(false)).isEqualTo(SubjectNameStrategy.TOPIC);
        assertThat(config.authorization()).isEmpty();
        assertThat(config.sslContext()).isEmpty();
        assertThat(config.cacheFile()).isEmpty();
    }

    @Test
    void takesAListOfUrlsAndKeepsCredentialsOutOfThem() {
        var config = config(Map.of("schema.registry.url", "https://u:p%40ss@a:1/x/, http://b:2"));

        assertThat(config.urls())
                .containsExactly(URI.create("https://a:1/x"), URI.create("http://b:2"));
        assertThat(config.authorization()).hasValue(basic("u:p@ss"));
    }

    @Test
    void findsCredentialsWhereTheyUsuallyAre() {
        assertThat(
                        config(
                                        Map.of(
                                                "basic.auth.credentials.source",
                                                "USER_INFO",
                                                "basic.auth.user.info",
                                                new Password("a:b")))
                                .authorization())
                .hasValue(basic("a:b"));
        assertThat(config(Map.of("schema.registry.basic.auth.user.info", "a:b")).authorization())
                .hasValue(basic("a:b"));
        assertThat(
                        config(
                                        Map.of(
                                                "bearer.auth.credentials.source",
                                                "STATIC_TOKEN",
                                                "bearer.auth.token",
                                                "t0k"))
                                .authorization())
                .hasValue("Bearer t0k");
    }

    @Test
    void knowsConfluentsNamesOfTheSubjectStrategies() {
        var config =
                config(
                        Map.of(
                                "value.subject.name.strategy",
                                "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy",
                                "key.subject.name.strategy",
                                "RecordNameStrategy"));

        assertThat(config.strategy(false).subject("t", false, Lease.SCHEMA$))
                .isEqualTo("t-dev.openkcm.networking.kernel.registry.Lease");
        assertThat(config.strategy(true).subject("t", true, Lease.SCHEMA$))
                .isEqualTo("dev.openkcm.networking.kernel.registry.Lease");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    schema.registry.url                | ftp://a      | http or https
                    schema.registry.url                | ''           | at least one
                    basic.auth.credentials.source      | SASL_INHERIT | URL, USER_INFO
                    basic.auth.credentials.source      | USER_INFO    | basic.auth.user.info
                    bearer.auth.credentials.source     | OAUTHBEARER  | STATIC_TOKEN
                    bearer.auth.credentials.source     | STATIC_TOKEN | bearer.auth.token
                    auto.register.schemas              | perhaps      | auto.register.schemas
                    max.retries                        | -1           | max.retries
                    value.subject.name.strategy        | Mine         | TopicNameStrategy
                    schema.registry.ssl.keystore.type  | PEM          | JKS, PKCS12
                    """)
    void refusesWhatItDoesNotUnderstandAndNamesTheKey(String key, String value, String says) {
        assertThatThrownBy(() -> config(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(says);
    }

    @Test
    void neverRepeatsAPassword() {
        assertThatThrownBy(() -> config(Map.of("schema.registry.url", "http://u:secret@a b/")))
                .isInstanceOf(ConfigException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void needsAUrl() {
        assertThatThrownBy(() -> SchemaRegistryConfig.of(Map.of("acks", "all")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url");
    }

    @Test
    void namesATruststoreThatIsNotThere() {
        var config = config(Map.of("schema.registry.ssl.truststore.location", "nowhere.jks"));

        assertThatThrownBy(config::sslContext)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.ssl.truststore.location")
                .hasMessageContaining("nowhere.jks");
    }

    private static SchemaRegistryConfig config(Map<String, ?> properties) {
        var all = new HashMap<String, Object>(Map.of("schema.registry.url", "http://localhost"));
        all.putAll(properties);
        return SchemaRegistryConfig.of(all);
    }

    private static String basic(String userInfo) {
        return "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(UTF_8));
    }
}
