package dev.openkcm.networking.cli.verify;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** What published rows prove a set with: the first 128 bits of a SHA-256 for each, combined. */
final class SetHash {
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(128);

    private BigInteger set = BigInteger.ZERO;

    /** By the sum, as destinations of balancers are proven. */
    void add(String text) {
        set = set.add(hash(text)).mod(MODULUS);
    }

    /** By the exclusive or, as rules and groups of policies are proven. */
    void toggle(String text) {
        set = set.xor(hash(text));
    }

    /** In 32 hexadecimal digits. */
    String text() {
        return "%032x".formatted(set);
    }

    private static BigInteger hash(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return new BigInteger(1, Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
