package dev.openkcm.networking.vipnat.domain.addresspool;

import java.util.List;

/** What is wanted of an AddressPool: ranges of one family, in the order in which they are used. */
public record AddressPoolSpec(List<String> cidrs, String ipFamily) {

    public AddressPoolSpec {
        cidrs = List.copyOf(cidrs);
    }
}
