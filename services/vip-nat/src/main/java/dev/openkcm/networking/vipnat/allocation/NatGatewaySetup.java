package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.IpFamily;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A gateway of a Network as it is wished.
 *
 * @param version of the gateway
 * @param ports how many each interface gets
 * @param full whether it can have no further address at present
 * @param addresses in the order in which they are filled
 */
public record NatGatewaySetup(
        String name,
        String uid,
        long version,
        IpFamily family,
        int ports,
        boolean full,
        List<Address> addresses) {

    /**
     * A public address of the gateway.
     *
     * @param releasingSince while it is being given up: the version at which that began
     */
    public record Address(String name, String ip, @Nullable Long releasingSince) {}

    public NatGatewaySetup {
        addresses = List.copyOf(addresses);
    }
}
