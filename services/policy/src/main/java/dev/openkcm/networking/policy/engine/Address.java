package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import java.math.BigInteger;
import java.util.Optional;

/** An address as two numbers, quick to compare; families do not mix. */
public record Address(IpFamily family, long high, long low) implements Comparable<Address> {

    private static final BigInteger LOW = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** The first address of a range, or the address itself. */
    public static Address firstOf(Cidr cidr) {
        return of(cidr.family(), cidr.address());
    }

    static Address lastOf(Cidr cidr) {
        return of(cidr.family(), cidr.last());
    }

    public static Optional<Address> parse(String text) {
        return Cidr.parseAddress(text).map(Address::firstOf);
    }

    static Address of(IpFamily family, BigInteger number) {
        return new Address(family, number.shiftRight(64).longValue(), number.longValue());
    }

    /** The highest of the family. */
    static Address last(IpFamily family) {
        return family == IpFamily.IPv4
                ? new Address(family, 0, 0xffffffffL)
                : new Address(family, -1, -1);
    }

    static Address first(IpFamily family) {
        return new Address(family, 0, 0);
    }

    /** The one after; only of an address that is not the last. */
    Address next() {
        return new Address(family, low == -1 ? high + 1 : high, low + 1);
    }

    /** The one before; only of an address that is not the first. */
    Address previous() {
        return new Address(family, low == 0 ? high - 1 : high, low - 1);
    }

    BigInteger number() {
        return BigInteger.valueOf(high)
                .shiftLeft(64)
                .or(BigInteger.valueOf(low).and(LOW))
                .and(mask());
    }

    private BigInteger mask() {
        return BigInteger.ONE.shiftLeft(family.bits()).subtract(BigInteger.ONE);
    }

    Cidr cidr() {
        return new Cidr(family, number(), family.bits());
    }

    @Override
    public int compareTo(Address other) {
        int byFamily = family.compareTo(other.family);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        return cidr().text();
    }
}
