package dev.openkcm.networking.kernel.registry;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/** The record inside a {@link Lease}. */
public final class Address extends SpecificRecordBase {

    public static final Schema SCHEMA$ = Lease.SCHEMA$.getField("address").schema();

    private final @Nullable Object[] values = new @Nullable Object[2];

    @Override
    public Schema getSchema() {
        return SCHEMA$;
    }

    @Override
    public SpecificData getSpecificData() {
        return Lease.MODEL$;
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
