package dev.openkcm.networking.networkinterface.domain;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import java.util.List;

/** What is wrong with a NetworkInterface that somebody wants, all of it. */
final class InterfaceValidation {

    private static final int MAX_PREFIXES = 100;
    private static final int MAX_ATTRIBUTES = 64;

    private final Validation causes = new Validation();

    private InterfaceValidation() {}

    /** Of a spec whose defaults are filled in. */
    static List<Cause> causes(NetworkInterface before, InterfaceCommand.Apply apply) {
        var validation = new InterfaceValidation();
        validation.causes.metadata(apply.labels(), apply.annotations());
        validation.spec(apply.spec());
        if (before instanceof NetworkInterface.Present present) {
            validation.changes(present.spec(), apply.spec());
        }
        return validation.causes.causes();
    }

    private void spec(InterfaceSpec spec) {
        if (spec.network().isEmpty()) {
            causes.required("spec.networkRef", "must name the Network");
        } else {
            causes.dnsSubdomain("spec.networkRef.name", spec.network());
        }
        causes.ipFamilies(spec.ipFamilies(), spec.ips().isEmpty());
        causes.addressPerFamily(spec.ips(), spec.ipFamilies());
        causes.atMost("spec.prefixes", spec.prefixes().size(), MAX_PREFIXES);
        for (int i = 0; i < spec.prefixes().size(); i++) {
            String prefix = spec.prefixes().get(i);
            if (InterfaceSpec.range(prefix).isEmpty()) {
                causes.invalid(
                        "spec.prefixes[" + i + "]",
                        Texts.quoted(prefix)
                                + " is not a range in CIDR notation with zero host bits");
            }
        }
        references(spec);
        causes.atMost("spec.attributes", spec.attributes().size(), MAX_ATTRIBUTES);
    }

    private void references(InterfaceSpec spec) {
        if (spec.virtualIp() != null) {
            if (spec.virtualIp().reference() == null) {
                causes.invalid("spec.virtualIP", "virtualIPRef must be given");
            } else {
                causes.dnsLabel("spec.virtualIP.virtualIPRef.name", spec.virtualIp().reference());
            }
        }
        if (spec.machine() != null) {
            causes.dnsLabel("spec.machineRef.name", spec.machine().name());
        }
        if (spec.node() != null) {
            causes.dnsSubdomain("spec.attachment.nodeRef.name", spec.node());
        }
    }

    private void changes(InterfaceSpec before, InterfaceSpec now) {
        immutable("networkRef", before.network(), now.network());
        immutable("ipFamilies", before.ipFamilies(), now.ipFamilies());
        immutable("attributes", before.attributes(), now.attributes());
        if (before.node() != null && now.node() != null && !before.ips().equals(now.ips())) {
            causes.forbidden("spec.ips", "can't change while the interface is attached to a node");
        }
    }

    private void immutable(String field, Object before, Object now) {
        if (!before.equals(now)) {
            causes.forbidden("spec", "field is immutable: " + field);
        }
    }
}
