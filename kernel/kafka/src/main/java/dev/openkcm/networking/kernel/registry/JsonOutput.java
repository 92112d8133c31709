package dev.openkcm.networking.kernel.registry;

import dev.openkcm.networking.kernel.registry.AvroToJson.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON in UTF-8, as it is being written. */
final class JsonOutput {

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int position;
    private long marked;

    JsonOutput(int capacity) {
        this.bytes = new byte[capacity];
    }

    Json json() {
        return new Json(bytes, position, marked);
    }

    void mark(long value) {
        marked = value;
    }

    int position() {
        return position;
    }

    /** Takes back what was written since. */
    void reset(int before) {
        position = before;
    }

    /** Takes back what was written since, and returns it. */
    byte[] take(int before) {
        byte[] taken = Arrays.copyOfRange(bytes, before, position);
        position = before;
        return taken;
    }

    private void room(int more) {
        if (more > bytes.length - position) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, position + more));
        }
    }

    void ascii(char one) {
        room(1);
        bytes[position++] = (byte) one;
    }

    void ascii(String text) {
        bytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void bytes(byte[] some) {
        room(some.length);
        System.arraycopy(some, 0, bytes, position, some.length);
        position += some.length;
    }

    void string(byte[] utf8) {
        string(utf8, 0, utf8.length);
    }

    /** A string in quotes, escaped where it must be; malformed UTF-8 is replaced as decoders do. */
    void string(byte[] utf8, int from, int length) {
        room(length + 2);
        int before = position;
        bytes[position++] = '"';
        for (int i = from; i < from + length; i++) {
            byte b = utf8[i];
            if (b >= ' ' && b != '"' && b != '\\') {
                bytes[position++] = b;
            } else {
                position = before;
                special(new String(utf8, from, length, StandardCharsets.UTF_8));
                return;
            }
        }
        bytes[position++] = '"';
    }

    private void special(String text) {
        byte[] wellFormed = text.getBytes(StandardCharsets.UTF_8);
        room(6 * wellFormed.length + 2);
        bytes[position++] = '"';
        for (byte b : wellFormed) {
            switch (b) {
                case '"' -> escape('"');
                case '\\' -> escape('\\');
                case '\b' -> escape('b');
                case '\t' -> escape('t');
                case '\n' -> escape('n');
                case '\f' -> escape('f');
                case '\r' -> escape('r');
                default -> {
                    if (b >= 0 && b < ' ') {
                        ascii("\\u00");
                        bytes[position++] = HEX[b >> 4];
                        bytes[position++] = HEX[b & 15];
                    } else {
                        bytes[position++] = b;
                    }
                }
            }
        }
        bytes[position++] = '"';
    }

    private void escape(char what) {
        bytes[position++] = '\\';
        bytes[position++] = (byte) what;
    }
}
