package dev.openkcm.networking.vipnat.domain.addresspool;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.vipnat.domain.SpecValidation;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with an AddressPool that somebody wants, all of it. */
final class AddressPoolValidation {

    private static final int MAX_CIDRS = 100;

    private final Validation causes = new Validation();

    private AddressPoolValidation() {}

    static List<Cause> causes(AddressPool before, AddressPoolCommand.Apply apply) {
        var validation = new AddressPoolValidation();
        validation.causes.metadata(apply.labels(), apply.annotations());
        SpecValidation.family(validation.causes, apply.spec().ipFamily());
        validation.cidrs(apply.spec());
        if (before instanceof AddressPool.Present present) {
            SpecValidation.immutable(
                    validation.causes,
                    "ipFamily",
                    present.spec().ipFamily(),
                    apply.spec().ipFamily());
        }
        return validation.causes.causes();
    }

    private void cidrs(AddressPoolSpec spec) {
        if (spec.cidrs().isEmpty()) {
            causes.required("spec.cidrs", "must name at least one range");
        }
        causes.atMost("spec.cidrs", spec.cidrs().size(), MAX_CIDRS);
        var seen = new ArrayList<Cidr>();
        for (int i = 0; i < spec.cidrs().size(); i++) {
            String path = "spec.cidrs[%d]".formatted(i);
            String text = spec.cidrs().get(i);
            var cidr = Cidr.parse(text);
            if (cidr.isEmpty()) {
                causes.invalid(
                        path,
                        Texts.quoted(text)
                                + " is not a range in CIDR notation with zero host bits");
            } else if (!cidr.get().family().name().equals(spec.ipFamily())) {
                causes.invalid(path, "%s is not of the family of the pool".formatted(cidr.get()));
            } else {
                unique(path, cidr.get(), seen);
                seen.add(cidr.get());
            }
        }
    }

    private void unique(String path, Cidr cidr, List<Cidr> seen) {
        for (Cidr other : seen) {
            if (other.overlaps(cidr)) {
                causes.duplicate(path, "%s overlaps %s".formatted(cidr, other));
                return;
            }
        }
    }
}
