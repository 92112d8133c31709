package dev.openkcm.networking.kernel.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroSerdesTest {

    private FakeRegistry registry;
    private SchemaRegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        client = client(Map.of());
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whatIsWrittenIsRead(long seed) {
        var lease = Lease.random(new Random(seed));
        var serde = serde();

        var bytes = serde.serializer().serialize("t", lease);

        assertThat(bytes).startsWith(0, 0, 0, 0, 1);
        var read = serde.deserializer().deserialize("t", bytes);
        assertThat(read).isEqualTo(lease);
        assertThat(read.get(3)).isInstanceOf(Instant.class);
        assertThat(read.get(0)).isInstanceOf(String.class);
        assertThat(registry.requests()).containsExactly("POST /subjects/t-value/versions");
    }

    @Test
    void nullStaysNull() {
        assertThat(serde().serializer().serialize("t", null)).isNull();
        assertThat(serde().deserializer().deserialize("t", (byte[]) null)).isNull();
        assertThat(new AvroSerdes(client).generic().deserialize("t", (byte[]) null)).isNull();
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void anIdResolvedOnceIsEnough() {
        var serializer = new AvroSerializer<Lease>(client);
        var lease = Lease.random(new Random(1));
        int id = serializer.schemaId("t", Lease.SCHEMA$);

        assertThat(AvroSerializer.encode(id, lease)).isEqualTo(serializer.serialize("t", lease));
    }

    @Test
    void readsWhatAnOlderWriterWrote() {
        var bytes = new AvroSerializer<GenericRecord>(client).serialize("t", before());

        var lease = serde().deserializer().deserialize("t", bytes);

        var expected = Lease.of("an id", Lease.address(new Random(1)), 7L, Instant.EPOCH);
        assertThat(lease).isEqualTo(expected);
        assertThat(lease.get(5)).isEqualTo(LeaseState.ACTIVE);
        assertThat(lease.get(7)).isEqualTo(Map.of());
    }

    @Test
    void readsAnythingAsItWasWritten() {
        var bytes = new AvroSerializer<GenericRecord>(client).serialize("t", before());

        var record = new AvroSerdes(client).generic().deserialize("t", bytes);

        assertThat(record).isEqualTo(before());
        assertThat(new AvroDeserializer<>(client, GenericRecord.class).deserialize("t", bytes))
                .isEqualTo(before());
    }

    @Test
    void saysWhenAWriterCannotBeUnderstood() {
        var other = SchemaBuilder.record("Other").fields().requiredInt("x").endRecord();
        var record = new GenericRecordBuilder(other).set("x", 1).build();
        var bytes = new AvroSerializer<GenericRecord>(client).serialize("t", record);

        assertThatThrownBy(() -> serde().deserializer().deserialize("t", bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("Cannot read a record of topic t with schema 1: ")
                .hasMessageContaining("Other")
                .hasCauseInstanceOf(RuntimeException.class);
    }

    @Test
    void saysWhenTheBytesAreNoAvroOfARegistry() {
        assertThatThrownBy(
                        () -> serde().deserializer().deserialize("t", "{\"a\":1}".getBytes(UTF_8)))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("topic t: starts with byte 0x7b")
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsAnOutageFromAPoisonRecord() {
        var bytes = serde().serializer().serialize("t", Lease.random(new Random(1)));
        try (var fresh = client(Map.of("max.retries", 0))) {
            var deserializer = new AvroDeserializer<>(fresh, Lease.class);

            registry.setDown(true);
            var outage = catchThrowable(() -> deserializer.deserialize("t", bytes));
            assertThat(outage).isInstanceOf(SerializationException.class);
            assertThat(SchemaRegistryException.isUnavailable(outage)).isTrue();

            registry.setDown(false);
            var poison =
                    catchThrowable(
                            () -> deserializer.deserialize("t", WireFormat.frame(99, new byte[1])));
            assertThat(poison)
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("topic t with schema 99");
            assertThat(SchemaRegistryException.isUnavailable(poison)).isFalse();
            assertThat(deserializer.deserialize("t", bytes)).isNotNull();
        }
    }

    @Test
    void aRecordThatDoesNotFitItsSchemaLeavesNoTrace() {
        var serializer = new AvroSerializer<Lease>(client);
        var good = Lease.random(new Random(1));
        var expected = serializer.serialize("t", good);
        var bad = Lease.random(new Random(2));
        bad.put(11, "not a boolean");

        assertThatThrownBy(() -> serializer.serialize("t", bad))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("topic t")
                .hasMessageContaining("Lease");
        assertThat(serializer.serialize("t", good)).isEqualTo(expected);
    }

    @Test
    void aRecordThatContainsItselfIsRefused() {
        var lease = Lease.random(new Random(1));
        lease.put(12, lease);

        assertThatThrownBy(() -> AvroSerializer.encode(1, lease))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("nested too deep");
    }

    @Test
    void manyThreadsMayShareASerde() throws Exception {
        var serde = serde();
        var old = new AvroSerializer<GenericRecord>(client).serialize("t", before());
        try (var threads = Executors.newFixedThreadPool(4)) {
            var tasks = new ArrayList<Callable<Boolean>>();
            for (int seed = 0; seed < 200; seed++) {
                var lease = Lease.random(new Random(seed));
                tasks.add(() -> {
                    var bytes = serde.serializer().serialize("t", lease);
                    return lease.equals(serde.deserializer().deserialize("t", bytes))
                            && serde.deserializer().deserialize("t", old) != null;
                });
            }
            for (var result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    @Test
    void isConfiguredByKafkasProperties() {
        var lease = Lease.random(new Random(1));
        var properties =
                new HashMap<String, Object>(
                        Map.of(
                                "schema.registry.url",
                                registry.url(),
                                "acks",
                                "all",
                                "specific.avro.reader",
                                "true"));
        try (var serializer = new AvroSerializer<Lease>();
                var byName = new AvroDeserializer<Lease>();
                var byType = new AvroDeserializer<Lease>();
                var generic = new GenericAvroDeserializer()) {
            serializer.configure(properties, true);
            byName.configure(properties, true);
            generic.configure(properties, true);
            properties.put("specific.avro.key.type", Lease.class.getName());
            byType.configure(properties, true);

            var bytes = serializer.serialize("t", lease);

            assertThat(registry.requests()).containsExactly("POST /subjects/t-key/versions");
            assertThat(byName.deserialize("t", bytes)).isEqualTo(lease);
            assertThat(byType.deserialize("t", bytes)).isEqualTo(lease);
            assertThat(generic.deserialize("t", bytes).get("revision")).isEqualTo(lease.get(2));
        }
    }

    @Test
    void refusesAConfigurationItCannotFollow() {
        var url = registry.url();
        try (var deserializer = new AvroDeserializer<Lease>()) {
            assertThatThrownBy(() ->
                            deserializer.configure(
                                    Map.of(
                                            "schema.registry.url",
                                            url,
                                            "specific.avro.reader",
                                            false),
                                    false))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("GenericAvroDeserializer");
            assertThatThrownBy(() ->
                            deserializer.configure(
                                    Map.of(
                                            "schema.registry.url",
                                            url,
                                            "specific.avro.value.type",
                                            "java.lang.String"),
                                    false))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("specific.avro.value.type");
        }
    }

    @Test
    void writesWithTheLatestSchemaWhereConfigured() {
        client.register("t-value", Lease.BEFORE);
        try (var strict = client(latest(true));
                var lenient = client(latest(false))) {
            var lease = Lease.of("an id", Lease.address(new Random(1)), 7L, Instant.EPOCH);

            // The old schema has a mandatory field the class does not know: no record fits.
            assertThatThrownBy(() -> new AvroSerializer<Lease>(strict).serialize("t", lease))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("version 1 of subject t-value cannot hold every");
            assertThatThrownBy(() -> new AvroSerializer<Lease>(lenient).serialize("t", lease))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("the registered schema cannot hold it");

            client.setCompatibility("t-value", Compatibility.NONE);
            var reordered = new ArrayList<>(Lease.SCHEMA$.getFields());
            var newer =
                    Schema.createRecord(
                            "Lease",
                            "other documentation",
                            Lease.SCHEMA$.getNamespace(),
                            false,
                            List.of(copy(reordered.get(2)), copy(reordered.get(0))));
            int id = client.register("t-value", newer);
            var bytes = new AvroSerializer<Lease>(strict).serialize("t", lease);

            assertThat(WireFormat.schemaId(bytes)).isEqualTo(id);
            var read = new AvroSerdes(client).generic().deserialize("t", bytes);
            assertThat(read.get("revision")).isEqualTo(7L);
            assertThat(read.get("id")).hasToString("an id");
        }
    }

    @Test
    void theLatestSchemaMayDifferInWhatDoesNotMatter() {
        try (var plain = client(Map.of("avro.remove.java.properties", "true"));
                var writing = client(latest(true))) {
            plain.register("t-value", Lease.SCHEMA$);
            var lease = Lease.random(new Random(1));

            var bytes = new AvroSerializer<Lease>(writing).serialize("t", lease);

            assertThat(serde().deserializer().deserialize("t", bytes)).isEqualTo(lease);
            assertThat(Arrays.copyOf(bytes, 5)).containsExactly(0, 0, 0, 0, 1);
        }
    }

    private static Map<String, String> latest(boolean strict) {
        return Map.of(
                "auto.register.schemas",
                "false",
                "use.latest.version",
                "true",
                "latest.compatibility.strict",
                Boolean.toString(strict));
    }

    private static Schema.Field copy(Schema.Field field) {
        return new Schema.Field(field, field.schema());
    }

    private static GenericRecord before() {
        var address = Lease.address(new Random(1));
        var addressSchema = Lease.BEFORE.getField("address").schema();
        return new GenericRecordBuilder(Lease.BEFORE)
                .set("id", "an id")
                .set("retired", new GenericData.Array<>(longs(), List.of(1L, 2L, 3L)))
                .set(
                        "address",
                        new GenericRecordBuilder(addressSchema)
                                .set("ip", address.get(0))
                                .set("prefix", address.get(1))
                                .build())
                .set("revision", 7)
                .set("granted", 0L)
                .build();
    }

    private static Schema longs() {
        return Lease.BEFORE.getField("retired").schema();
    }

    private Serde<Lease> serde() {
        return new AvroSerdes(client).of(Lease.class);
    }

    private SchemaRegistryClient client(Map<String, ?> properties) {
        var all = new HashMap<String, Object>(Map.of("schema.registry.url", registry.url()));
        all.putAll(properties);
        return new SchemaRegistryClient(SchemaRegistryConfig.of(all));
    }
}
