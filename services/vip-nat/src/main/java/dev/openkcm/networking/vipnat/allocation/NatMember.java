package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.IpFamily;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An interface of a Network, as far as NAT is concerned.
 *
 * @param ipv4 the IPv4 address that it holds
 * @param ipv6 the IPv6 address that it holds
 * @param virtualIps the families that it has a VirtualIP of
 */
public record NatMember(
        String name,
        String uid,
        @Nullable String ipv4,
        @Nullable String ipv6,
        Set<IpFamily> virtualIps) {

    @Nullable String address(IpFamily family) {
        return switch (family) {
            case IPv4 -> ipv4;
            case IPv6 -> ipv6;
        };
    }

    /** Whether gateways of the family serve it: it has an address of it and no VirtualIP. */
    boolean eligible(IpFamily family) {
        return address(family) != null && !virtualIps.contains(family);
    }
}
