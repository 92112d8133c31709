package dev.openkcm.networking.vipnat.domain.virtualip;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.vipnat.domain.SpecValidation;
import java.util.List;

/** What is wrong with a VirtualIP that somebody wants, all of it. */
final class VirtualIpValidation {

    private VirtualIpValidation() {}

    static List<Cause> causes(VirtualIp before, VirtualIpCommand.Apply apply) {
        var causes = new Validation();
        causes.metadata(apply.labels(), apply.annotations());
        SpecValidation.type(causes, apply.spec().type());
        SpecValidation.family(causes, apply.spec().ipFamily());
        if (before instanceof VirtualIp.Present present) {
            SpecValidation.immutable(
                    causes, "ipFamily", present.spec().ipFamily(), apply.spec().ipFamily());
        }
        return causes.causes();
    }
}
