package dev.openkcm.networking.vipnat.domain.virtualip;

import dev.openkcm.networking.vipnat.domain.SpecValidation;

/** What is wanted of a VirtualIP. */
public record VirtualIpSpec(String type, String ipFamily) {

    VirtualIpSpec canonical() {
        return new VirtualIpSpec(SpecValidation.canonicalType(type), ipFamily);
    }
}
