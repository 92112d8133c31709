package dev.openkcm.networking.kernel;

import java.util.Optional;

/** A family of addresses, spelled as in manifests. */
public enum IpFamily {
    IPv4(32),
    IPv6(128);

    private final int bits;

    IpFamily(int bits) {
        this.bits = bits;
    }

    /** The length of an address. */
    public int bits() {
        return bits;
    }

    /** Case matters, as everywhere in manifests. */
    public static Optional<IpFamily> of(String name) {
        return switch (name) {
            case "IPv4" -> Optional.of(IPv4);
            case "IPv6" -> Optional.of(IPv6);
            default -> Optional.empty();
        };
    }
}
