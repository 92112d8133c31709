package dev.openkcm.networking.kernel;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A range of addresses: the addresses that share the first {@code length} bits with {@code
 * address}. A single address is the range of full length.
 *
 * @param address as an unsigned number of the family's width; bits after {@code length} are zero
 */
public record Cidr(IpFamily family, BigInteger address, int length) implements Comparable<Cidr> {

    public Cidr {
        if (length < 0
                || length > family.bits()
                || address.signum() < 0
                || address.bitLength() > family.bits()
                || (address.signum() != 0 && address.getLowestSetBit() < family.bits() - length)) {
            throw new IllegalArgumentException("not a range: " + address + "/" + length);
        }
    }

    /**
     * Reads a range in CIDR notation whose host bits are zero, such as {@code 10.0.0.0/24} or
     * {@code 2001:db8::/32}; nothing else, in particular no host names.
     */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        String length = text.substring(slash + 1);
        int bits = number(length, 0, length.length());
        if (bits < 0) {
            return Optional.empty();
        }
        return parseAddress(text.substring(0, slash))
                .filter(a -> bits <= a.family.bits())
                .filter(a ->
                        a.address.signum() == 0
                                || a.address.getLowestSetBit() >= a.family.bits() - bits)
                .map(a -> new Cidr(a.family, a.address, bits));
    }

    /** Reads a single address in the usual notations of both families. */
    public static Optional<Cidr> parseAddress(String text) {
        return text.indexOf(':') >= 0 ? parseIpv6(text) : parseIpv4(text);
    }

    private static Optional<Cidr> parseIpv4(String text) {
        long value = 0;
        int start = 0;
        for (int part = 0; part < 4; part++) {
            int dot = part < 3 ? text.indexOf('.', start) : text.length();
            int number = dot < 0 ? -1 : number(text, start, dot);
            if (number < 0 || number > 255) {
                return Optional.empty();
            }
            value = value << 8 | number;
            start = dot + 1;
        }
        return Optional.of(new Cidr(IpFamily.IPv4, BigInteger.valueOf(value), 32));
    }

    /**
     * A number of up to three digits, else -1. No leading zeros: some parsers read them as octal,
     * so they are ambiguous.
     */
    private static int number(String text, int from, int to) {
        int digits = to - from;
        if (digits < 1 || digits > 3 || (digits > 1 && text.charAt(from) == '0')) {
            return -1;
        }
        int number = 0;
        for (int i = from; i < to; i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = 10 * number + digit - '0';
        }
        return number;
    }

    private static Optional<Cidr> parseIpv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return Optional.empty();
        }
        var head = groups(gap < 0 ? text : text.substring(0, gap));
        var tail = groups(gap < 0 ? "" : text.substring(gap + 2));
        if (head.isEmpty() || tail.isEmpty()) {
            return Optional.empty();
        }
        int given = head.get().size() + tail.get().size();
        if (gap < 0 ? given != 8 : given > 7) {
            return Optional.empty();
        }
        var all = new ArrayList<>(head.get());
        for (int i = given; i < 8; i++) {
            all.add(0);
        }
        all.addAll(tail.get());
        var value = BigInteger.ZERO;
        for (int group : all) {
            value = value.shiftLeft(16).or(BigInteger.valueOf(group));
        }
        return Optional.of(new Cidr(IpFamily.IPv6, value, 128));
    }

    /** The 16-bit groups of one side of an IPv6 address; the last may be an IPv4 address. */
    private static Optional<List<Integer>> groups(String text) {
        var groups = new ArrayList<Integer>();
        if (text.isEmpty()) {
            return Optional.of(groups);
        }
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                var v4 = parseIpv4(parts[i]);
                if (v4.isEmpty()) {
                    return Optional.empty();
                }
                int value = v4.get().address.intValue();
                groups.add(value >>> 16);
                groups.add(value & 0xffff);
            } else if (parts[i].matches("[0-9a-fA-F]{1,4}")) {
                groups.add(Integer.parseInt(parts[i], 16));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(groups);
    }

    public boolean isAddress() {
        return length == family.bits();
    }

    public boolean contains(Cidr other) {
        return family == other.family
                && length <= other.length
                && other.truncate(length).equals(this);
    }

    /** Two ranges share an address exactly when one contains the other. */
    public boolean overlaps(Cidr other) {
        return contains(other) || other.contains(this);
    }

    /** The range of the given, not greater, length that contains this one. */
    public Cidr truncate(int newLength) {
        int host = family.bits() - newLength;
        return new Cidr(family, address.shiftRight(host).shiftLeft(host), newLength);
    }

    /** The last address of the range, as a number. */
    public BigInteger last() {
        return address.or(
                BigInteger.ONE.shiftLeft(family.bits() - length).subtract(BigInteger.ONE));
    }

    /** The address without the length, in canonical form (RFC 5952 for IPv6). */
    public String addressText() {
        return family == IpFamily.IPv4 ? ipv4Text() : ipv6Text();
    }

    /** The canonical text: an address alone when it is one, else CIDR notation. */
    public String text() {
        return isAddress() ? addressText() : addressText() + "/" + length;
    }

    private String ipv4Text() {
        int value = address.intValue();
        return (value >>> 24)
                + "."
                + (value >>> 16 & 255)
                + "."
                + (value >>> 8 & 255)
                + "."
                + (value & 255);
    }

    private String ipv6Text() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = address.shiftRight(16 * (7 - i)).intValue() & 0xffff;
        }
        int gapStart = -1;
        int gapLength = 1; // A single zero group is not shortened.
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > gapLength) {
                gapStart = i;
                gapLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    @Override
    public int compareTo(Cidr other) {
        int byFamily = family.compareTo(other.family);
        int byAddress = byFamily != 0 ? byFamily : address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(length, other.length);
    }

    @Override
    public String toString() {
        return text();
    }
}
