package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Cidr;
import java.util.List;

/**
 * A pool as it is wished.
 *
 * @param deleting whether it is being deleted and gives no more addresses
 * @param cidrs in the order in which they are used
 */
public record AddressPoolSetup(String name, String uid, boolean deleting, List<Cidr> cidrs) {
    public AddressPoolSetup {
        cidrs = List.copyOf(cidrs);
    }
}
