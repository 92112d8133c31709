package dev.openkcm.networking.kernel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.openkcm.networking.kernel.registry.SchemaRegistryException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaRegistryClientTest {

    private static final Schema SCHEMA =
            SchemaBuilder.record("A").fields().requiredInt("x").endRecord();
    private static final Schema WIDER =
            SchemaBuilder.record("A").fields().requiredInt("x").optionalString("y").endRecord();
    private static final Schema BROKEN =
            SchemaBuilder.record("A").fields().requiredString("x").endRecord();

    @TempDir Path folder;

    private final List<Duration> pauses = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
    }

    @AfterEach
    void stop() throws Exception {
        for (var client : open) {
            client.close();
        }
        registry.close();
    }

    @Test
    void asksOncePerSchemaAndOncePerId() {
        var client = client();
        int id = client.register("t-value", SCHEMA);

        assertThat(client.register("t-value", SCHEMA)).isEqualTo(id);
        assertThat(client.lookup("t-value", SCHEMA)).isEqualTo(id);
        assertThat(client.schemaById(id)).isEqualTo(SCHEMA);
        assertThat(registry.requests()).containsExactly("POST /subjects/t-value/versions");

        var other = client();
        assertThat(other.schemaById(id)).isEqualTo(SCHEMA);
        assertThat(other.schemaById(id)).isSameAs(other.schemaById(id));
        assertThat(registry.requests()).hasSize(2).last().isEqualTo("GET /schemas/ids/" + id);
    }

    @Test
    void looksUpWithoutRegistering() {
        var failure = failure(() -> client().lookup("t-value", SCHEMA));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure).hasMessageContaining("under subject t-value");
        assertThat(registry.idsGiven()).isZero();

        int id = client().register("t-value", SCHEMA);
        assertThat(client().lookup("t-value", SCHEMA)).isEqualTo(id);
    }

    @Test
    void registersOnlyWhereAllowed() {
        var client = client(Map.of(SchemaRegistryConfig.AUTO_REGISTER, false));

        assertThat(failure(() -> client.idOf("t-value", SCHEMA)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(client().idOf("t-value", SCHEMA)).isEqualTo(1);
        assertThat(client.idOf("t-value", SCHEMA)).isEqualTo(1);
    }

    @Test
    void knowsTheLatestVersion() {
        var client = client();
        client.register("t-value", SCHEMA);
        int id = client.register("t-value", WIDER);

        assertThat(client.latest("t-value"))
                .isEqualTo(new RegisteredSchema("t-value", 2, id, WIDER));
        assertThat(failure(() -> client.latest("nope")).kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void passesOnWhyASchemaIsIncompatible() {
        var client = client();
        client.register("t-value", SCHEMA);

        var failure = failure(() -> client.register("t-value", BROKEN));
        assertThat(failure.kind()).isEqualTo(Kind.INCOMPATIBLE);
        assertThat(failure)
                .hasMessageContaining("t-value")
                .hasMessageContaining("reader type: STRING not compatible with writer type: INT")
                .hasMessageContaining(registry.url());
        assertThat(client.incompatibilities("t-value", BROKEN))
                .containsExactly("reader type: STRING not compatible with writer type: INT");
        assertThat(client.isCompatible("t-value", WIDER)).isTrue();
        assertThat(client.isCompatible("a new subject", BROKEN)).isTrue();

        client.setCompatibility("t-value", Compatibility.NONE);
        assertThat(client.isCompatible("t-value", BROKEN)).isTrue();
    }

    @Test
    void encodesSubjectsInPaths() {
        var client = client();
        client.register("a b/c+d-value", SCHEMA);

        assertThat(registry.requests())
                .containsExactly("POST /subjects/a%20b%2Fc%2Bd-value/versions");
        assertThat(client.latest("a b/c+d-value").id()).isEqualTo(1);
    }

    @Test
    void asksForNormalizationWhereConfigured() {
        client(Map.of("normalize.schemas", true)).register("t-value", SCHEMA);

        assertThat(registry.requests())
                .containsExactly("POST /subjects/t-value/versions?normalize=true");
    }

    @Test
    void leavesJavaPropertiesOutWhereConfigured() {
        client(Map.of("avro.remove.java.properties", true)).register("t-value", Lease.SCHEMA$);

        assertThat(registry.text(1)).doesNotContain("avro.java.string").contains("\"uuid\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 429, 408})
    void triesAgainWithGrowingPauses(int status) {
        registry.failNext(status, status, status);

        assertThat(client().register("t-value", SCHEMA)).isEqualTo(1);
        assertThat(registry.requests()).hasSize(4);
        assertThat(pauses).hasSize(3);
        assertThat(pauses.get(0)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
        assertThat(pauses.get(1)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(pauses.get(2)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void pausesNoLongerThanConfigured() {
        registry.failNext(500, 500, 500, 500, 500);

        client(Map.of("max.retries", 5, "retries.max.wait.ms", 1500)).register("t", SCHEMA);

        assertThat(pauses).hasSize(5).allMatch(p -> p.compareTo(Duration.ofMillis(1500)) <= 0);
    }

    @Test
    void givesUpWhenTheRetriesAreUsedUp() {
        registry.failNext(503, 503, 503, 503);

        var failure = failure(() -> client().register("t-value", SCHEMA));

        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(SchemaRegistryException.isUnavailable(new RuntimeException(failure))).isTrue();
        assertThat(failure).hasMessageContaining("answered 503 (planned)");
        assertThat(registry.requests()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({
        "400, OTHER",
        "401, UNAUTHORIZED",
        "403, UNAUTHORIZED",
        "404, NOT_FOUND",
        "409, INCOMPATIBLE",
        "422, INVALID",
        "301, OTHER"
    })
    void takesARefusalAsFinal(int status, Kind kind) {
        registry.failNext(status);

        assertThat(failure(() -> client().register("t-value", SCHEMA)).kind()).isEqualTo(kind);
        assertThat(registry.requests()).hasSize(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void doesNotTakeAWrongPathForAnUnknownSchema() {
        var client = client(Map.of(SchemaRegistryConfig.URL, registry.url() + "/wrong"));

        var failure = failure(() -> client.schemaById(1));

        assertThat(failure.kind()).isEqualTo(Kind.OTHER);
        assertThat(failure).hasMessageContaining("schema.registry.url");
    }

    @Test
    void sendsCredentialsAndKeepsThemToItself() {
        registry.requireAuthorization("Basic dTpw");
        var url = registry.url().replace("//", "//u:p@");

        assertThat(client(Map.of(SchemaRegistryConfig.URL, url)).register("t", SCHEMA))
                .isEqualTo(1);
        var wrong = url.replace("u:p@", "u:topsecret@");
        var failure =
                failure(() ->
                        client(Map.of(SchemaRegistryConfig.URL, wrong)).register("t", SCHEMA));
        assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(failure)
                .hasMessageContaining("basic.auth.user.info")
                .hasMessageNotContaining("topsecret");
    }

    @Test
    void movesToTheNextUrlAndStaysThere() throws IOException {
        try (var second = new FakeRegistry()) {
            registry.setDown(true);
            var client =
                    client(Map.of(SchemaRegistryConfig.URL, registry.url() + "," + second.url()));

            assertThat(client.register("t-value", SCHEMA)).isEqualTo(1);
            assertThat(second.requests()).hasSize(1);
            assertThat(pauses).isEmpty();

            registry.setDown(false);
            client.register("t-value", WIDER);
            assertThat(registry.requests()).isEmpty();
        }
    }

    @Test
    void whatIsKnownWorksWhileTheRegistryIsAway() {
        var client = client();
        int id = client.register("t-value", SCHEMA);
        registry.setDown(true);

        assertThat(client.schemaById(id)).isEqualTo(SCHEMA);
        assertThat(client.register("t-value", SCHEMA)).isEqualTo(id);
        assertThat(failure(() -> client.register("t-value", WIDER)).kind())
                .isEqualTo(Kind.UNAVAILABLE);

        registry.setDown(false);
        assertThat(client.register("t-value", WIDER)).isEqualTo(2);
    }

    @Test
    void givesUpOnARegistryThatHangs() {
        registry.hang();
        var client = client(Map.of("http.read.timeout.ms", 50, "max.retries", 1));

        var failure = failure(() -> client.schemaById(1));

        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("cannot be reached").hasMessageContaining("1");
        assertThat(pauses).hasSize(1);
    }

    @Test
    void stopsWaitingWhenInterrupted() {
        registry.failNext(503);
        var client =
                new SchemaRegistryClient(
                        config(Map.of()),
                        _ -> {
                            throw new InterruptedException();
                        },
                        nanos::get);
        open.add(client);

        assertThat(failure(() -> client.schemaById(1)).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aFloodOfAnUnknownIdIsOneRequestForSomeSeconds() {
        var client = client();
        for (int i = 0; i < 100; i++) {
            assertThat(failure(() -> client.schemaById(42)).kind()).isEqualTo(Kind.NOT_FOUND);
        }
        assertThat(registry.requests()).hasSize(1);

        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        assertThat(failure(() -> client.schemaById(42)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(registry.requests()).hasSize(2);
    }

    @Test
    void anOutageIsNotRememberedAsAnUnknownId() {
        registry.failNext(503);
        var client = client(Map.of("max.retries", 0));
        assertThat(failure(() -> client.schemaById(1)).kind()).isEqualTo(Kind.UNAVAILABLE);
        client().register("t-value", SCHEMA);

        assertThat(client.schemaById(1)).isEqualTo(SCHEMA);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"schemaType": "PROTOBUF", "schema": "message A {}"} | PROTOBUF
                    {"schema": "\\"A\\"", "references": [{"name": "A"}]}     | refers to other schemas
                    {"schema": "{"}                                      | not valid Avro
                    {}                                                   | not valid Avro
                    """)
    void refusesSchemasItCannotUse(String answer, String says) throws IOException {
        registry.answerForId(5, answer);

        var failure = failure(() -> client().schemaById(5));

        assertThat(failure.kind()).isEqualTo(Kind.INVALID);
        assertThat(failure).hasMessageContaining("schema 5").hasMessageContaining(says);
    }

    @Test
    void refusesNegativeIdsWithoutAsking() {
        assertThatThrownBy(() -> client().schemaById(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void aRestartDoesWithoutTheRegistryWhereThereIsACacheFile() {
        var file = Map.of(SchemaRegistryConfig.CACHE_FILE, folder.resolve("sub/cache.json"));
        int id = client(file).register("t-value", SCHEMA);
        registry.setDown(true);

        var restarted = client(file);
        assertThat(restarted.schemaById(id)).isEqualTo(SCHEMA);
        assertThat(restarted.register("t-value", SCHEMA)).isEqualTo(id);
        assertThat(pauses).isEmpty();
        assertThat(failure(() -> restarted.schemaById(2)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aRestartedClientForgetsNothingThatItHasNotUsedYet() {
        var file = Map.of(SchemaRegistryConfig.CACHE_FILE, folder.resolve("cache.json"));
        int first = client(file).register("t-value", SCHEMA);
        int second = client(file).register("u-value", WIDER);
        registry.setDown(true);

        assertThat(client(file).register("t-value", SCHEMA)).isEqualTo(first);
        assertThat(client(file).schemaById(second)).isEqualTo(WIDER);
    }

    @Test
    void aRegistryThatWasSetUpAnewIsBelievedOverTheFile() {
        var file = Map.of(SchemaRegistryConfig.CACHE_FILE, folder.resolve("cache.json"));
        client(file).register("t-value", SCHEMA);
        registry.forgetEverything();
        client().register("other-value", BROKEN);

        var restarted = client(file);
        assertThat(restarted.schemaById(1)).isEqualTo(BROKEN);
        assertThat(restarted.register("t-value", SCHEMA)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "not json", "[]", "{\"registry\": [\"http://another\"]}", "TRUNCATED"})
    void aCacheFileThatIsCorruptOrOfAnotherRegistryIsIgnored(String content) throws IOException {
        var path = folder.resolve("cache.json");
        var file = Map.of(SchemaRegistryConfig.CACHE_FILE, path);
        client(file).register("t-value", SCHEMA);
        var written = Files.readString(path);
        Files.writeString(
                path,
                content.equals("TRUNCATED") ? written.substring(0, written.length() / 2) : content);

        assertThat(client(file).register("t-value", SCHEMA)).isEqualTo(1);
        assertThat(Files.readString(path)).isEqualTo(written);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    private SchemaRegistryClient client() {
        return client(Map.of());
    }

    private SchemaRegistryClient client(Map<String, ?> properties) {
        var client = new SchemaRegistryClient(config(properties), pauses::add, nanos::get);
        open.add(client);
        return client;
    }

    private SchemaRegistryConfig config(Map<String, ?> properties) {
        var all = new HashMap<String, Object>(Map.of(SchemaRegistryConfig.URL, registry.url()));
        properties.forEach((key, value) -> all.put(key, value.toString()));
        return SchemaRegistryConfig.of(all);
    }

    private static SchemaRegistryException failure(ThrowingCallable call) {
        return catchThrowableOfType(SchemaRegistryException.class, call);
    }
}
