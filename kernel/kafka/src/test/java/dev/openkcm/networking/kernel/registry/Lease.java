package dev.openkcm.networking.kernel.registry;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Conversion;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions.TimestampMillisConversion;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/** A record with one field of every shape our contracts use, as the generator would write it. */
public final class Lease extends SpecificRecordBase {

    /** The generator's strings are Java strings. */
    private static final String STRING =
            """
            {"type": "string", "avro.java.string": "String"}\
            """;

    private static final String ADDRESS =
            """
            {"type": "record", "name": "Address", "fields": [
              {"name": "ip", "type": STRING}, {"name": "prefix", "type": "int"}]}\
            """;

    /**
     * The same record before state, note and next were added, and with an int that became a long.
     */
    static final Schema BEFORE =
            parse(
                    """
                    {"type": "record", "name": "Lease",
                     "namespace": "dev.openkcm.networking.kernel.registry", "fields": [
                      {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
                      {"name": "retired", "type": {"type": "array", "items": "long"}},
                      {"name": "address", "type": ADDRESS},
                      {"name": "revision", "type": "int"},
                      {"name": "granted", "type": {"type": "long", "logicalType": "timestamp-millis"}}
                    ]}\
                    """);

    public static final Schema SCHEMA$ =
            parse(
                    """
                    {"type": "record", "name": "Lease",
                     "namespace": "dev.openkcm.networking.kernel.registry", "fields": [
                      {"name": "id", "type": {"type": "string", "logicalType": "uuid",
                        "avro.java.string": "String"}},
                      {"name": "address", "type": ADDRESS},
                      {"name": "revision", "type": "long"},
                      {"name": "granted", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                      {"name": "expires", "default": null,
                       "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}]},
                      {"name": "state", "default": "ACTIVE",
                       "type": {"type": "enum", "name": "LeaseState", "symbols": ["ACTIVE", "EXPIRED"]}},
                      {"name": "holder", "type": ["null", "Address", STRING], "default": null},
                      {"name": "labels", "default": {},
                       "type": {"type": "map", "avro.java.string": "String", "values": STRING}},
                      {"name": "history", "default": [],
                       "type": {"type": "array", "items": "Address"}},
                      {"name": "digest", "type": "bytes", "default": ""},
                      {"name": "share", "type": "double", "default": 1.0},
                      {"name": "shared", "type": "boolean", "default": false},
                      {"name": "next", "type": ["null", "Lease"], "default": null}
                    ]}\
                    """);

    public static final SpecificData MODEL$ = new SpecificData();

    static {
        MODEL$.addLogicalTypeConversion(new TimestampMillisConversion());
    }

    private final @Nullable Object[] values = new @Nullable Object[SCHEMA$.getFields().size()];

    private static Schema parse(String text) {
        return new Schema.Parser()
                .parse(text.replace("ADDRESS", ADDRESS).replace("STRING", STRING));
    }

    static Lease of(Object... firstFields) {
        var lease = new Lease();
        for (var field : SCHEMA$.getFields()) {
            lease.put(field.pos(), MODEL$.getDefaultValue(withDefault(field)));
        }
        for (int i = 0; i < firstFields.length; i++) {
            lease.put(i, firstFields[i]);
        }
        return lease;
    }

    private static Schema.Field withDefault(Schema.Field field) {
        return field.hasDefaultValue() ? field : SCHEMA$.getField("expires");
    }

    static Lease random(Random random) {
        var lease = of("id-" + random.nextInt(), address(random), random.nextLong());
        lease.put(3, Instant.ofEpochMilli(random.nextLong(1L << 42)));
        lease.put(4, random.nextBoolean() ? Instant.ofEpochMilli(random.nextInt()) : null);
        lease.put(5, random.nextBoolean() ? LeaseState.ACTIVE : LeaseState.EXPIRED);
        lease.put(
                6,
                switch (random.nextInt(3)) {
                    case 0 -> null;
                    case 1 -> address(random);
                    default -> "someone";
                });
        lease.put(7, Map.of("k" + random.nextInt(), "v", "grüße", "welt"));
        lease.put(8, List.of(address(random), address(random)));
        lease.put(9, ByteBuffer.wrap(new byte[] {1, 2, (byte) random.nextInt()}));
        lease.put(10, random.nextDouble());
        lease.put(11, random.nextBoolean());
        lease.put(12, random.nextInt(3) == 0 ? random(random) : null);
        return lease;
    }

    static Address address(Random random) {
        var address = new Address();
        address.put(0, "10.0.%d.%d".formatted(random.nextInt(256), random.nextInt(256)));
        address.put(1, random.nextInt(33));
        return address;
    }

    @Override
    public Schema getSchema() {
        return SCHEMA$;
    }

    @Override
    public SpecificData getSpecificData() {
        return MODEL$;
    }

    @Override
    public @Nullable Conversion<?> getConversion(int field) {
        return field == 3 ? new TimestampMillisConversion() : null;
    }

    @Override
    public @Nullable Object get(int field) {
        return values[field];
    }

    @Override
    public void put(int field, @Nullable Object value) {
        values[field] = value;
    }
}
