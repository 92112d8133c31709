package dev.openkcm.networking.kernel.registry;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Avro binary from bytes nobody has vouched for.
 *
 * <p>Nothing is allocated for a length before the bytes are known to be there, and a record cannot
 * announce more items than it has bytes (plus a few, as an item may have no bytes at all): so time
 * and memory are linear in the size of the record. Avro's own decoder with its limits from system
 * properties bounds single lengths, per process, and not the sum of what a record announces.
 */
final class BoundedDecoder extends Decoder {

    /** How many items of no width (nulls, empty records) a record may have for free. */
    private static final int FREE_ITEMS = 1024;

    private final byte[] bytes;
    private final int start;
    private int position;
    private long itemsLeft;

    BoundedDecoder(byte[] bytes, int start) {
        this.bytes = bytes;
        this.start = start;
        this.position = start;
        this.itemsLeft = (long) bytes.length - start + FREE_ITEMS;
    }

    int remaining() {
        return bytes.length - position;
    }

    @Override
    public void readNull() {}

    @Override
    public boolean readBoolean() throws EOFException {
        int at = advance(1);
        return switch (bytes[at]) {
            case 0 -> false;
            case 1 -> true;
            default -> throw malformed("byte 0x%02x is no boolean".formatted(bytes[at]));
        };
    }

    @Override
    public int readInt() throws EOFException {
        long value = readLong();
        if ((int) value != value) {
            throw malformed("%d is no int".formatted(value));
        }
        return (int) value;
    }

    @Override
    public long readLong() throws EOFException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            long next = bytes[advance(1)];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed("a number of more than ten bytes");
    }

    @Override
    public float readFloat() throws EOFException {
        return Float.intBitsToFloat((int) littleEndian(Float.BYTES));
    }

    @Override
    public double readDouble() throws EOFException {
        return Double.longBitsToDouble(littleEndian(Double.BYTES));
    }

    private long littleEndian(int width) throws EOFException {
        int at = advance(width);
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[at + i] & 0xffL) << (8 * i);
        }
        return value;
    }

    @Override
    public Utf8 readString(@Nullable Utf8 old) throws EOFException {
        int length = readLength();
        int at = advance(length);
        var result = old == null ? new Utf8() : old;
        result.setByteLength(length);
        System.arraycopy(bytes, at, result.getBytes(), 0, length);
        return result;
    }

    @Override
    public String readString() throws EOFException {
        int length = readLength();
        return new String(bytes, advance(length), length, StandardCharsets.UTF_8);
    }

    /** Takes bytes where they are. */
    @FunctionalInterface
    interface Sink {
        void take(byte[] bytes, int from, int length);
    }

    /** Gives the UTF-8 of a string away, and returns how many bytes it has. */
    int readTo(Sink sink) throws EOFException {
        int length = readLength();
        sink.take(bytes, advance(length), length);
        return length;
    }

    @Override
    public void skipString() throws EOFException {
        advance(readLength());
    }

    @Override
    public ByteBuffer readBytes(@Nullable ByteBuffer old) throws EOFException {
        int length = readLength();
        int at = advance(length);
        return ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + length));
    }

    @Override
    public void skipBytes() throws EOFException {
        advance(readLength());
    }

    @Override
    public void readFixed(byte[] target, int offset, int length) throws EOFException {
        System.arraycopy(bytes, advance(length), target, offset, length);
    }

    @Override
    public void skipFixed(int length) throws EOFException {
        advance(length);
    }

    @Override
    public int readEnum() throws EOFException {
        return readInt();
    }

    @Override
    public int readIndex() throws EOFException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws EOFException {
        return readItemCount();
    }

    @Override
    public long arrayNext() throws EOFException {
        return readItemCount();
    }

    @Override
    public long skipArray() throws EOFException {
        return skipItems();
    }

    @Override
    public long readMapStart() throws EOFException {
        return readItemCount();
    }

    @Override
    public long mapNext() throws EOFException {
        return readItemCount();
    }

    @Override
    public long skipMap() throws EOFException {
        return skipItems();
    }

    /** A negative count is followed by the size of the block in bytes, of use only to skip it. */
    private long readItemCount() throws EOFException {
        long count = readLong();
        if (count < 0) {
            readLength();
            count = -count;
        }
        return charge(count);
    }

    private long skipItems() throws EOFException {
        long count = readLong();
        while (count < 0) {
            advance(readLength());
            count = readLong();
        }
        return charge(count);
    }

    private long charge(long items) {
        if (items < 0 || items > itemsLeft) {
            throw malformed("a block of %d items cannot be in what is left".formatted(items));
        }
        itemsLeft -= items;
        return items;
    }

    private int readLength() throws EOFException {
        long length = readLong();
        if (length < 0 || length > Integer.MAX_VALUE) {
            throw malformed("%d is no length".formatted(length));
        }
        return (int) length;
    }

    /** Moves on and returns where the bytes passed over start. */
    private int advance(int length) throws EOFException {
        if (length > bytes.length - position) {
            throw new EOFException(
                    "%d bytes wanted at position %d, %d are left"
                            .formatted(length, position - start, remaining()));
        }
        int at = position;
        position += length;
        return at;
    }

    private AvroRuntimeException malformed(String what) {
        return new AvroRuntimeException("%s, before position %d".formatted(what, position - start));
    }
}
