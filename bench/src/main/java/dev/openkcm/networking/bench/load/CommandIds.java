package dev.openkcm.networking.bench.load;

import java.nio.charset.StandardCharsets;

/** Command ids of 16 characters that carry the number of the command. */
final class CommandIds {

    static final int LENGTH = 16;

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private CommandIds() {}

    static byte[] of(long number) {
        byte[] id = new byte[LENGTH];
        for (int i = LENGTH - 1; i >= 0; i--) {
            id[i] = DIGITS[(int) (number & 15)];
            number >>>= 4;
        }
        return id;
    }

    /** The number in an id, or in a text that begins with one; -1 for anything else. */
    static long number(byte[] id) {
        if (id.length < LENGTH) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < LENGTH; i++) {
            int digit = Character.digit(id[i], 16);
            if (digit < 0) {
                return -1;
            }
            number = (number << 4) | digit;
        }
        return number;
    }
}
