package dev.openkcm.networking.vipnat.allocation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A hash of a set: the exclusive or of the hashes of its members, so that one may come or go at a
 * cost that does not depend on how many there are.
 */
public final class SetHash {

    private static final int BYTES = 16;

    private final byte[] sum = new byte[BYTES];

    /** Puts a member in that is not there, or takes one out that is. */
    public void flip(String member) {
        byte[] digest;
        try {
            digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(member.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
        for (int i = 0; i < BYTES; i++) {
            sum[i] ^= digest[i];
        }
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(sum);
    }
}
