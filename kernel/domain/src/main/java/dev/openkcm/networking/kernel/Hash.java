package dev.openkcm.networking.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The first 128 bits of a SHA-256, to name what has the same content and to prove sets equal.
 *
 * <p>The hash of a set combines those of its members by {@link #toggle} or by {@link #plus}: it
 * depends on no order, and a change costs the same however many members there are. Which of the two
 * a topic uses is said in the schema of its rows.
 */
public record Hash(long high, long low) {

    /** Of the empty set. */
    public static final Hash ZERO = new Hash(0, 0);

    private static final ThreadLocal<MessageDigest> SHA_256 =
            ThreadLocal.withInitial(Hash::newSha256);

    public static Hash of(String text) {
        var digest = ByteBuffer.wrap(SHA_256.get().digest(text.getBytes(StandardCharsets.UTF_8)));
        return new Hash(digest.getLong(), digest.getLong());
    }

    /** The exclusive or: a member that is not in the set comes in, one that is goes out. */
    public Hash toggle(Hash member) {
        return new Hash(high ^ member.high, low ^ member.low);
    }

    /** The sum modulo 2^128. */
    public Hash plus(Hash member) {
        long sum = low + member.low;
        long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
        return new Hash(high + member.high + carry, sum);
    }

    /** The difference modulo 2^128. */
    public Hash minus(Hash member) {
        long borrow = Long.compareUnsigned(low, member.low) < 0 ? 1 : 0;
        return new Hash(high - member.high - borrow, low - member.low);
    }

    /** In 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
