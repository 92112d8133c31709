package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.IpFamily;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A public address that a balancer claims from the pools.
 *
 * @param slot which of its addresses: the family in lower case
 * @param claim the version of the balancer that claimed it
 * @param ip null while the claim waits
 * @param reason why it waits, where known
 */
public record PublicAddress(
        String slot,
        long claim,
        @Nullable String ip,
        @Nullable String reason,
        @Nullable String message) {

    static PublicAddress claimed(IpFamily family, long claim) {
        return new PublicAddress(slot(family), claim, null, null, null);
    }

    static String slot(IpFamily family) {
        return family.name().toLowerCase(Locale.ROOT);
    }

    public IpFamily family() {
        return slot.equals(slot(IpFamily.IPv4)) ? IpFamily.IPv4 : IpFamily.IPv6;
    }
}
