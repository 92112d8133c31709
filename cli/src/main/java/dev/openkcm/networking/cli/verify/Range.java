package dev.openkcm.networking.cli.verify;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

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
