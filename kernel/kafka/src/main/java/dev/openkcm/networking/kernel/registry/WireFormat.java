package dev.openkcm.networking.kernel.registry;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The framing every Confluent-compatible client understands: a zero byte, the schema id as four
 * bytes in big-endian order, the Avro binary.
 */
public final class WireFormat {

    /** How many bytes stand before the Avro binary. */
    public static final int HEADER_LENGTH = 5;

    static final byte MAGIC = 0;

    private WireFormat() {}

    /** Puts the header before the Avro binary. */
    public static byte[] frame(int schemaId, byte[] avro) {
        return ByteBuffer.allocate(HEADER_LENGTH + avro.length)
                .put(MAGIC)
                .putInt(requireValid(schemaId))
                .put(avro)
                .array();
    }

    /** Returns the schema id that the header names. */
    public static int schemaId(byte[] framed) {
        if (framed.length < HEADER_LENGTH) {
            throw new IllegalArgumentException(
                    "%d bytes are too short: the header alone (magic byte 0, schema id) has %d"
                            .formatted(framed.length, HEADER_LENGTH));
        }
        if (framed[0] != MAGIC) {
            throw new IllegalArgumentException(
                    "starts with byte 0x%02x instead of the magic byte 0x00: not written by a schema registry client"
                            .formatted(framed[0]));
        }
        return requireValid(ByteBuffer.wrap(framed, 1, Integer.BYTES).getInt());
    }

    /** Returns a read-only view of the Avro binary behind the header. */
    public static ByteBuffer unframe(byte[] framed) {
        schemaId(framed);
        return ByteBuffer.wrap(framed, HEADER_LENGTH, framed.length - HEADER_LENGTH)
                .slice()
                .asReadOnlyBuffer();
    }

    /** Returns whether the bytes carry a header, without judging what follows it. */
    public static boolean isFramed(byte @Nullable [] bytes) {
        return bytes != null && bytes.length >= HEADER_LENGTH && bytes[0] == MAGIC;
    }

    static int requireValid(int schemaId) {
        if (schemaId < 0) {
            throw new IllegalArgumentException("schema id %d is negative".formatted(schemaId));
        }
        return schemaId;
    }
}
