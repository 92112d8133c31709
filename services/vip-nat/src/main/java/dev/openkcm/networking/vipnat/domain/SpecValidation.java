package dev.openkcm.networking.vipnat.domain;

import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;

/** The checks that kinds with a family and a type share. */
public final class SpecValidation {

    /** The only type of public addresses there is. */
    public static final String PUBLIC = "Public";

    private SpecValidation() {}

    /** The page writes the type in both ways. */
    public static String canonicalType(String type) {
        return type.equals("public") ? PUBLIC : type;
    }

    public static void type(Validation causes, String type) {
        if (type.isEmpty()) {
            causes.required("spec.type", "must be " + PUBLIC);
        } else if (!type.equals(PUBLIC)) {
            causes.notSupported(
                    "spec.type", "must be %s, is %s".formatted(PUBLIC, Texts.quoted(type)));
        }
    }

    public static void family(Validation causes, String family) {
        if (family.isEmpty()) {
            causes.required("spec.ipFamily", "must be IPv4 or IPv6");
        } else if (IpFamily.of(family).isEmpty()) {
            causes.notSupported(
                    "spec.ipFamily", "must be IPv4 or IPv6, is " + Texts.quoted(family));
        }
    }

    public static void immutable(Validation causes, String field, Object before, Object now) {
        if (!before.equals(now)) {
            causes.forbidden("spec", "field is immutable: " + field);
        }
    }
}
