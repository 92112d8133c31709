package dev.openkcm.networking.policy.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** 128 bits of a SHA-256, to name what has the same content and to prove sets equal. */
public record Hash(long high, long low) {

    public static final Hash ZERO = new Hash(0, 0);

    public static Hash of(String canonical) {
        try {
            var digest =
                    ByteBuffer.wrap(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(canonical.getBytes(StandardCharsets.UTF_8)));
            return new Hash(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Adds an element to the hash of a set, or takes it away again. */
    public Hash toggle(Hash element) {
        return new Hash(high ^ element.high, low ^ element.low);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
