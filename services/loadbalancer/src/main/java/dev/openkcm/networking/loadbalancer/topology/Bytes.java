package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Hash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Rows of the own store: texts and numbers one after the other. */
final class Bytes {

    private Bytes() {}

    /** Writes a row. */
    static final class Writer {
        private byte[] bytes = new byte[128];
        private int length;

        /** Seven bits a byte, the lowest first. */
        void number(int value) {
            int rest = value;
            while ((rest & ~0x7f) != 0) {
                put((byte) (rest | 0x80));
                rest >>>= 7;
            }
            put((byte) rest);
        }

        void number(long value) {
            reserve(Long.BYTES);
            ByteBuffer.wrap(bytes).putLong(length, value);
            length += Long.BYTES;
        }

        void hash(Hash hash) {
            number(hash.high());
            number(hash.low());
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            number(utf8.length);
            bytes(utf8);
        }

        /** As they are. */
        void bytes(byte[] some) {
            reserve(some.length);
            System.arraycopy(some, 0, bytes, length, some.length);
            length += some.length;
        }

        /** Whether a row begins with what is written so far. */
        boolean begins(byte[] row) {
            return row.length >= length && Arrays.equals(row, 0, length, bytes, 0, length);
        }

        void texts(Collection<String> texts) {
            number(texts.size());
            texts.forEach(this::text);
        }

        byte[] toBytes() {
            return Arrays.copyOf(bytes, length);
        }

        private void put(byte one) {
            reserve(1);
            bytes[length++] = one;
        }

        private void reserve(int more) {
            if (length + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
            }
        }
    }

    /** Reads a row. */
    static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        int number() {
            int value = 0;
            int shift = 0;
            while (bytes[at] < 0) {
                value |= (bytes[at++] & 0x7f) << shift;
                shift += 7;
            }
            return value | (bytes[at++] << shift);
        }

        long longNumber() {
            long value = ByteBuffer.wrap(bytes).getLong(at);
            at += Long.BYTES;
            return value;
        }

        Hash hash() {
            long high = longNumber();
            return new Hash(high, longNumber());
        }

        String text() {
            int length = number();
            at += length;
            return new String(bytes, at - length, length, StandardCharsets.UTF_8);
        }

        void skipText() {
            int length = number();
            at += length;
        }

        List<String> texts() {
            int size = number();
            var texts = new ArrayList<String>(size);
            for (int i = 0; i < size; i++) {
                texts.add(text());
            }
            return List.copyOf(texts);
        }
    }
}
