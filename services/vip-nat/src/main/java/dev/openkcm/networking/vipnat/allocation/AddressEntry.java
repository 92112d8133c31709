package dev.openkcm.networking.vipnat.allocation;

import org.jspecify.annotations.Nullable;

/**
 * A claim as the allocator keeps it, and what became of it.
 *
 * @param order its place among all claims of the family
 * @param address null while it waits
 * @param pool that the address is from
 * @param reason why it waits
 */
public record AddressEntry(
        AddressClaim claim,
        long order,
        @Nullable String address,
        @Nullable String pool,
        @Nullable Reason reason) {

    /** Why a claim waits. */
    public enum Reason {
        AddressesExhausted,
        AddressInUse,
        AddressNotInPool
    }

    AddressEntry with(AddressClaim newer) {
        return new AddressEntry(newer, order, address, pool, reason);
    }
}
