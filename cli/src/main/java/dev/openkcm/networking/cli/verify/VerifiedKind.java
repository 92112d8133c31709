package dev.openkcm.networking.cli.verify;

import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.util.List;
import java.util.function.Supplier;

/** A kind and the rules by which its status follows from its own events. */
record VerifiedKind(Kind kind, List<Supplier<Fold>> folds) {

    /** The kinds that have logs of their own; those that nobody has built yet have no topics. */
    static final List<VerifiedKind> ALL =
            List.of(
                    of("Network", NetworkFold::new),
                    of("NetworkInterface", InterfaceFold::new),
                    of("VirtualIP"),
                    of("NATGateway"),
                    of("AddressPool"),
                    of("LoadBalancer"),
                    of("NetworkPolicy"));

    @SafeVarargs
    private static VerifiedKind of(String name, Supplier<Fold>... folds) {
        Kind kind = Kinds.ALL.stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
        return new VerifiedKind(kind, List.of(folds));
    }

    String topic(String what) {
        return "openkcm." + kind.entity() + "." + what + ".v1";
    }
}
