package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Cidr;
import java.util.List;

/**
 * A pool as the allocator keeps it.
 *
 * @param present false once it is gone but for draining ranges
 * @param arrival its place among all pools of the family
 * @param active the ranges that addresses are given from
 * @param draining ranges that were removed while addresses of them were held or rested
 */
public record AddressPoolRow(
        AddressPoolSetup setup,
        boolean present,
        long arrival,
        List<Cidr> active,
        List<Cidr> draining) {
    public AddressPoolRow {
        active = List.copyOf(active);
        draining = List.copyOf(draining);
    }
}
