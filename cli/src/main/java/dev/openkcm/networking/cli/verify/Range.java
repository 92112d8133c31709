package dev.openkcm.networking.cli.verify;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** All addresses from one to another of the same family; a single one is a range too. */
record Range(int bits, BigInteger first, BigInteger last) {

    /** Reads an address, or one with a prefix length. Only text that the platform accepted. */
    static Range of(String text) {
        int slash = text.indexOf('/');
        byte[] bytes = bytes(slash < 0 ? text : text.substring(0, slash));
        int bits = bytes.length * Byte.SIZE;
        int length = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
        BigInteger size = BigInteger.ONE.shiftLeft(bits - length);
        BigInteger address = new BigInteger(1, bytes);
        BigInteger first = address.subtract(address.mod(size));
        return new Range(bits, first, first.add(size).subtract(BigInteger.ONE));
    }

    private static byte[] bytes(String address) {
        try {
            if (!address.matches("[0-9a-fA-F:.]+")) {
                throw new IllegalArgumentException("not an address: " + address);
            }
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + address, e);
        }
    }

    /** Numbers that are no addresses, both ends included. */
    static Range between(long first, long last) {
        return new Range(0, BigInteger.valueOf(first), BigInteger.valueOf(last));
    }

    /** The same in the fewest ranges, in order. */
    static List<Range> merged(Collection<Range> some) {
        List<Range> sorted = new ArrayList<>(some);
        sorted.sort(Comparator.comparingInt(Range::bits).thenComparing(Range::first));
        List<Range> merged = new ArrayList<>();
        for (Range range : sorted) {
            Range before = merged.isEmpty() ? null : merged.getLast();
            if (before != null
                    && before.bits == range.bits
                    && range.first.compareTo(before.last.add(BigInteger.ONE)) <= 0) {
                merged.set(
                        merged.size() - 1,
                        new Range(before.bits, before.first, before.last.max(range.last)));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }

    /** What is left when the other is taken away: none, one or two ranges. */
    List<Range> without(Range other) {
        if (!overlaps(other)) {
            return List.of(this);
        }
        List<Range> left = new ArrayList<>();
        if (first.compareTo(other.first) < 0) {
            left.add(new Range(bits, first, other.first.subtract(BigInteger.ONE)));
        }
        if (last.compareTo(other.last) > 0) {
            left.add(new Range(bits, other.last.add(BigInteger.ONE), last));
        }
        return left;
    }

    boolean overlaps(Range other) {
        return bits == other.bits
                && first.compareTo(other.last) <= 0
                && other.first.compareTo(last) <= 0;
    }

    boolean contains(Range other) {
        return bits == other.bits
                && first.compareTo(other.first) <= 0
                && other.last.compareTo(last) <= 0;
    }
}
