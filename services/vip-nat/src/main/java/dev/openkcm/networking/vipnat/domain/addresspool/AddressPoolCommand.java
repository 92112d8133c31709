package dev.openkcm.networking.vipnat.domain.addresspool;

import java.util.SortedMap;

/** Everything that can be asked of an AddressPool, or learned about it. */
public sealed interface AddressPoolCommand {

    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            AddressPoolSpec spec)
            implements AddressPoolCommand {}

    record Delete() implements AddressPoolCommand {}

    /**
     * The allocator counted.
     *
     * @param uid of the pool that was counted
     * @param deleting whether the allocator knew that the pool gives no more addresses
     */
    record UtilisationObserved(String uid, boolean deleting, Utilisation utilisation)
            implements AddressPoolCommand {}
}
