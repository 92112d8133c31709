package dev.openkcm.networking.kernel.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes: a record or a {@link SerializationException}, in memory linear to them. */
class HostileBytesTest {

    private static final int MUTATIONS = 2_000;

    private static FakeRegistry registry;
    private static SchemaRegistryClient client;
    private static Deserializer<Lease> specific;
    private static Deserializer<GenericRecord> generic;

    @BeforeAll
    static void start() throws IOException {
        registry = new FakeRegistry();
        client =
                new SchemaRegistryClient(
                        SchemaRegistryConfig.of(Map.of("schema.registry.url", registry.url())));
        specific = new AvroDeserializer<>(client, Lease.class);
        generic = new GenericAvroDeserializer(client);
        client.register("t-value", Lease.SCHEMA$);
    }

    @AfterAll
    static void stop() {
        client.close();
        registry.close();
    }

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyMutationOfARecordIsReadOrRefused(long seed) {
        var random = new Random(seed);
        var valid = AvroSerializer.encode(1, Lease.random(random));
        for (int i = 0; i < MUTATIONS; i++) {
            var bytes = mutate(valid, random);
            readOrRefuse(specific, bytes);
            readOrRefuse(generic, bytes);
        }
    }

    private static byte[] mutate(byte[] valid, Random random) {
        var bytes =
                switch (random.nextInt(4)) {
                    case 0 -> Arrays.copyOf(valid, random.nextInt(valid.length));
                    case 1 -> Arrays.copyOf(valid, valid.length + 1 + random.nextInt(20));
                    default -> valid.clone();
                };
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            // The id stays mostly, as nothing behind an unknown one is read.
            int at = random.nextInt(20) == 0 ? 0 : WireFormat.HEADER_LENGTH;
            if (at < bytes.length) {
                bytes[at + random.nextInt(bytes.length - at)] = interesting(random);
            }
        }
        return bytes;
    }

    private static byte interesting(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> (byte) 0xff;
            case 1 -> 0;
            case 2 -> 1;
            default -> (byte) random.nextInt();
        };
    }

    private static void readOrRefuse(Deserializer<?> deserializer, byte[] bytes) {
        try {
            assertThat(deserializer.deserialize("t", bytes)).isNotNull();
        } catch (SerializationException refused) {
            assertThat(refused).hasMessageContaining("topic t").hasCauseInstanceOf(Exception.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"array", "map"})
    void aCountThatCannotBeIsRefusedBeforeAnythingIsAllocated(String kind) throws IOException {
        for (long count :
                new long[] {1 << 20, Integer.MAX_VALUE, 1L << 31, Long.MAX_VALUE, Long.MIN_VALUE}) {
            refuses(collection(kind, "\"long\""), longs(count, 1, 1), "items cannot be in");
        }
    }

    @Test
    void itemsWithoutBytesCannotBeManyInSum() throws IOException {
        var nulls = collection("array", "\"null\"");
        var blocks = new long[4_000];
        Arrays.fill(blocks, 1_000);

        refuses(nulls, blocks, "items cannot be in");
        var few = framed(nulls, longs(3, 0));
        assertThat(generic.deserialize("t", few).get(0)).hasToString("[null, null, null]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"string\"", "\"bytes\""})
    void aLengthThatCannotBeIsRefusedBeforeAnythingIsAllocated(String type) throws IOException {
        refuses(schema(type), longs(Integer.MAX_VALUE), "bytes wanted at position");
        refuses(schema(type), longs(1L << 31), "is no length");
        refuses(schema(type), longs(-1), "is no length");
    }

    @Test
    void blocksWithTheirSizeAreRead() throws IOException {
        var bytes = framed(collection("array", "\"long\""), longs(-2, 2, 5, 6, 0));

        assertThat(generic.deserialize("t", bytes).get(0)).hasToString("[5, 6]");
    }

    @Test
    void aFieldThatIsSkippedIsBoundedToo() throws IOException {
        var writer =
                new Schema.Parser()
                        .parse(
                                Lease.BEFORE
                                        .toString()
                                        .replace("\"items\":\"long\"", "\"items\":\"null\""));
        var bytes = new ByteArrayOutputStream();
        bytes.write(longs(0, Long.MAX_VALUE));
        var framed =
                WireFormat.frame(client.register("skipped-value", writer), bytes.toByteArray());

        assertThatThrownBy(() -> specific.deserialize("t", framed))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("items cannot be in");
    }

    @Test
    void aChainOfAMillionRecordsIsRefused() {
        // Fields of a lease with empty values, the last of which says: another one follows.
        var one = Lease.random(new Random(1));
        one.put(12, null);
        var link = AvroSerializer.encode(1, one);
        int length = link.length - WireFormat.HEADER_LENGTH;
        link[link.length - 1] = 2;
        var bytes = new ByteArrayOutputStream();
        bytes.write(link, 0, WireFormat.HEADER_LENGTH);
        for (int i = 0; i < 1_000_000 / 10; i++) {
            bytes.write(link, WireFormat.HEADER_LENGTH, length);
        }

        assertThatThrownBy(() -> specific.deserialize("t", bytes.toByteArray()))
                .isInstanceOf(SerializationException.class)
                .hasMessage("Cannot read a record of topic t with schema 1: nested too deep");
    }

    @Test
    void bytesBehindTheRecordAreRefused() {
        var valid = AvroSerializer.encode(1, Lease.random(new Random(1)));

        assertThatThrownBy(() -> specific.deserialize("t", Arrays.copyOf(valid, valid.length + 2)))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("2 bytes are left over");
    }

    @Test
    void numbersAreDecodedAsAvroEncodesThem() throws IOException {
        var schema = schema("\"long\"");
        for (long value : new long[] {0, -1, 63, 64, -65, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThat(generic.deserialize("t", framed(schema, longs(value))).get(0))
                    .isEqualTo(value);
        }
        refuses(schema("\"int\""), longs(1L << 31), "is no int");
        var tooLong = new byte[11];
        Arrays.fill(tooLong, (byte) 0xff);
        assertThatThrownBy(() -> generic.deserialize("t", framed(schema, tooLong)))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("more than ten bytes");
    }

    private static void refuses(Schema schema, long[] values, String says) throws IOException {
        refuses(schema, longs(values), says);
    }

    private static void refuses(Schema schema, byte[] avro, String says) {
        var bytes = framed(schema, avro);
        assertThatThrownBy(() -> generic.deserialize("t", bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining(says);
    }

    private static Schema collection(String kind, String of) {
        return schema(
                "{\"type\": \"%s\", \"%s\": %s}"
                        .formatted(kind, kind.equals("array") ? "items" : "values", of));
    }

    private static Schema schema(String ofField) {
        return new Schema.Parser()
                .parse(
                        "{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"f\", \"type\": %s}]}"
                                .formatted(ofField));
    }

    private static byte[] framed(Schema schema, byte[] avro) {
        int id = client.register("subject-" + schema.hashCode(), schema);
        return WireFormat.frame(id, avro);
    }

    private static byte[] longs(long... values) throws IOException {
        var out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        for (long value : values) {
            encoder.writeLong(value);
        }
        encoder.flush();
        return out.toByteArray();
    }
}
