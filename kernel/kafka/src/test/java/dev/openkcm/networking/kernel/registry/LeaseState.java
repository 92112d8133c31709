package dev.openkcm.networking.kernel.registry;

import org.apache.avro.Schema;

/** The enum inside a {@link Lease}. */
public enum LeaseState {
    ACTIVE,
    EXPIRED;

    public static final Schema SCHEMA$ = Lease.SCHEMA$.getField("state").schema();
}
