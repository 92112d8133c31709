package dev.openkcm.networking.vipnat.domain.natgateway;

import dev.openkcm.networking.vipnat.domain.SpecValidation;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a NATGateway.
 *
 * @param network the name of the Network, in the own namespace
 * @param ports how many each interface gets; null in what a sender left out
 * @param minPublicIps null in what a sender left out
 * @param maxPublicIps null in what a sender left out
 */
public record NatGatewaySpec(
        String type,
        String ipFamily,
        String network,
        @Nullable Integer ports,
        @Nullable Integer minPublicIps,
        @Nullable Integer maxPublicIps) {

    public static final int DEFAULT_PORTS = 2048;
    static final int DEFAULT_MIN = 1;
    static final int DEFAULT_MAX = 10;

    NatGatewaySpec withDefaults() {
        int min = minPublicIps == null ? DEFAULT_MIN : minPublicIps;
        return new NatGatewaySpec(
                SpecValidation.canonicalType(type),
                ipFamily,
                network,
                portsOrDefault(),
                min,
                maxPublicIps == null ? Math.max(DEFAULT_MAX, min) : maxPublicIps);
    }

    public int portsOrDefault() {
        return ports == null ? DEFAULT_PORTS : ports;
    }

    int min() {
        return minPublicIps == null ? DEFAULT_MIN : minPublicIps;
    }

    int max() {
        return maxPublicIps == null ? Math.max(DEFAULT_MAX, min()) : maxPublicIps;
    }

    /** How many interfaces one address serves. */
    public int slots() {
        return Slots.perAddress(portsOrDefault());
    }
}
