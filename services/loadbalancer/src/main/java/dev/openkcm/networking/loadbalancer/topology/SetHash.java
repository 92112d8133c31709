package dev.openkcm.networking.loadbalancer.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The hash of a set of destinations: a sum modulo 2^128, so that it neither depends on their order
 * nor costs more the more there are. What is summed up is said in the schema of the rows.
 */
record SetHash(long high, long low) {

    static final SetHash EMPTY = new SetHash(0, 0);

    private static final ThreadLocal<MessageDigest> SHA_256 =
            ThreadLocal.withInitial(SetHash::newSha256);

    static SetHash of(String name, String uid, List<String> ips) {
        String text = name + "\n" + uid + "\n" + String.join(",", ips);
        var digest = ByteBuffer.wrap(SHA_256.get().digest(text.getBytes(StandardCharsets.UTF_8)));
        return new SetHash(digest.getLong(), digest.getLong());
    }

    SetHash plus(SetHash other) {
        long sum = low + other.low;
        long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
        return new SetHash(high + other.high + carry, sum);
    }

    SetHash minus(SetHash other) {
        long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
        return new SetHash(high - other.high - borrow, low - other.low);
    }

    String text() {
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
