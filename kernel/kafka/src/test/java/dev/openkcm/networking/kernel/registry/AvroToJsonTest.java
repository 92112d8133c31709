package dev.openkcm.networking.kernel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPool;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.natgateway.v1.NATGateway;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIP;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The straight way from bytes to JSON leads to where the way over objects does. */
class AvroToJsonTest {

    private static final Map<String, String> CONSTANTS = Map.of("kind", "Thing");
    private static final String[] TEXTS = {
        "", "web", "Grüße, \uD83D\uDE80", "\"quoted\" \\ / \u007F", "\b\t\n\f\r\u0001\u001F\u2028"
    };

    private static FakeRegistry registry;
    private static SchemaRegistryClient client;

    @BeforeAll
    static void start() throws IOException {
        registry = new FakeRegistry();
        client =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(Map.of("schema.registry.url", registry.url())));
    }

    @AfterAll
    static void stop() {
        client.close();
        registry.close();
    }

    static Stream<Class<? extends SpecificRecord>> states() {
        return Stream.of(
                Network.class,
                NetworkInterface.class,
                VirtualIP.class,
                NATGateway.class,
                AddressPool.class,
                LoadBalancer.class,
                NetworkPolicy.class);
    }

    @ParameterizedTest
    @MethodSource("states")
    <T extends SpecificRecord> void everyStateBecomesTheSameDocument(Class<T> type) {
        var schema = new SpecificData(type.getClassLoader()).getSchema(type);
        var straight = AvroToJson.of(schema, CONSTANTS, "metadata.resourceVersion").orElseThrow();
        int id = client.register(type.getSimpleName() + "-value", schema);
        var random = new Random(42);
        try (var decoder = new AvroDeserializer<>(client, type)) {
            for (int i = 0; i < 500; i++) {
                byte[] framed =
                        AvroSerializer.encode(id, (GenericData.Record) value(schema, null, random));
                var record = decoder.deserialize("t", framed);
                var expected = JsonNodeFactory.instance.objectNode().put("kind", "Thing");
                expected.setAll(AvroJson.object(record));

                var found = straight.json(framed);

                assertThat(text(found)).isEqualTo(expected.toString());
                assertThat(found.marked())
                        .isEqualTo(expected.at("/metadata/resourceVersion").asLong());
            }
        }
    }

    private static String text(AvroToJson.Json json) {
        return new String(json.bytes(), 0, json.length(), StandardCharsets.UTF_8);
    }

    private static @Nullable Object value(Schema schema, @Nullable String wanted, Random random) {
        return switch (schema.getType()) {
            case UNION -> {
                var branches = schema.getTypes();
                yield value(branches.get(random.nextInt(branches.size())), wanted, random);
            }
            case NULL -> null;
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt();
            case LONG -> random.nextLong() >> random.nextInt(Long.SIZE);
            case STRING ->
                    "number".equals(wanted)
                            ? new BigInteger(100, random).toString()
                            : TEXTS[random.nextInt(TEXTS.length)];
            case ENUM -> {
                var symbols = schema.getEnumSymbols();
                yield new GenericData.EnumSymbol(
                        schema, symbols.get(random.nextInt(symbols.size())));
            }
            case ARRAY -> {
                var items = new GenericData.Array<Object>(4, schema);
                for (int i = random.nextInt(4); i > 0; i--) {
                    items.add(value(schema.getElementType(), null, random));
                }
                yield items;
            }
            case MAP -> {
                var entries = new HashMap<String, @Nullable Object>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    String key = TEXTS[random.nextInt(TEXTS.length)];
                    entries.put(key, value(schema.getValueType(), null, random));
                }
                yield entries;
            }
            case RECORD -> {
                var record = new GenericData.Record(schema);
                for (var field : schema.getFields()) {
                    record.put(field.pos(), value(field.schema(), field.getProp("json"), random));
                }
                yield record;
            }
            case FIXED, BYTES, FLOAT, DOUBLE ->
                    throw new IllegalArgumentException("no state has " + schema);
        };
    }

    @Test
    void bytesThatAreNoRecordAreRefused() {
        var schema = new SpecificData(Network.class.getClassLoader()).getSchema(Network.class);
        var straight = AvroToJson.of(schema, CONSTANTS, "").orElseThrow();
        var random = new Random(1);
        byte[] valid = AvroSerializer.encode(7, (GenericData.Record) value(schema, null, random));
        for (int length = WireFormat.HEADER_LENGTH; length < valid.length; length++) {
            byte[] cut = Arrays.copyOf(valid, length);
            assertThatThrownBy(() -> straight.json(cut)).isInstanceOf(SerializationException.class);
        }
        byte[] longer = Arrays.copyOf(valid, valid.length + 1);
        assertThatThrownBy(() -> straight.json(longer)).isInstanceOf(SerializationException.class);
        for (int i = 0; i < 2_000; i++) {
            byte[] hostile = valid.clone();
            hostile[WireFormat.HEADER_LENGTH + random.nextInt(valid.length - 5)] ^=
                    (byte) (1 + random.nextInt(255));
            try {
                assertThat(text(straight.json(hostile))).startsWith("{\"kind\":\"Thing\"");
            } catch (SerializationException refused) {
                assertThat(refused).hasMessageContaining("Cannot write");
            }
        }
    }

    @Test
    void schemasWithSomethingElseInThemTakeTheOtherWay() {
        var fields = SchemaBuilder.record("Foreign").fields();
        assertThat(AvroToJson.of(fields.requiredDouble("d").endRecord(), CONSTANTS, "")).isEmpty();
        var itself = Schema.createRecord("Itself", null, "a", false);
        itself.setFields(
                new ArrayList<>(
                        java.util.List.of(new Schema.Field("more", Schema.createArray(itself)))));
        assertThat(AvroToJson.of(itself, CONSTANTS, "")).isEmpty();
    }
}
