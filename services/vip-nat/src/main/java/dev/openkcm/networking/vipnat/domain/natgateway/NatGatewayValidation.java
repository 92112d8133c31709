package dev.openkcm.networking.vipnat.domain.natgateway;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.vipnat.domain.SpecValidation;
import java.util.List;

/** What is wrong with a NATGateway that somebody wants, all of it. */
final class NatGatewayValidation {

    private static final int MAX_PORTS = 32768;
    private static final int MAX_ADDRESSES = 100;

    private NatGatewayValidation() {}

    /** Of a spec whose defaults are filled in. */
    static List<Cause> causes(NatGateway before, NatGatewayCommand.Apply apply) {
        var causes = new Validation();
        var spec = apply.spec();
        causes.metadata(apply.labels(), apply.annotations());
        SpecValidation.type(causes, spec.type());
        SpecValidation.family(causes, spec.ipFamily());
        if (spec.network().isEmpty()) {
            causes.required("spec.networkRef", "must name the Network");
        } else {
            causes.dnsSubdomain("spec.networkRef.name", spec.network());
        }
        int ports = spec.portsOrDefault();
        if (ports < 1 || ports > MAX_PORTS || Integer.bitCount(ports) != 1) {
            causes.invalid(
                    "spec.portsPerNetworkInterface",
                    "must be a power of two from 1 to %d, is %d".formatted(MAX_PORTS, ports));
        }
        addresses(causes, spec);
        if (before instanceof NatGateway.Present present) {
            SpecValidation.immutable(
                    causes, "ipFamily", present.spec().ipFamily(), spec.ipFamily());
            SpecValidation.immutable(
                    causes, "networkRef", present.spec().network(), spec.network());
        }
        return causes.causes();
    }

    private static void addresses(Validation causes, NatGatewaySpec spec) {
        int min = spec.min();
        int max = spec.max();
        if (min < 0 || min > MAX_ADDRESSES) {
            causes.invalid(
                    "spec.minPublicIPs",
                    "must be from 0 to %d, is %d".formatted(MAX_ADDRESSES, min));
        }
        if (max < 1 || max > MAX_ADDRESSES) {
            causes.invalid(
                    "spec.maxPublicIPs",
                    "must be from 1 to %d, is %d".formatted(MAX_ADDRESSES, max));
        }
        if (min > max) {
            causes.invalid(
                    "spec.minPublicIPs",
                    "must not be greater than maxPublicIPs: %d, %d".formatted(min, max));
        }
    }
}
