package dev.openkcm.networking.network.domain;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.network.domain.Network.Absent;
import dev.openkcm.networking.network.domain.Network.Present;
import java.util.List;
import java.util.Set;

/** What is wrong with a Network that somebody wants, all of it. */
final class NetworkValidation {

    static final int MAX_PEERINGS = 100;
    static final int MAX_PREFIXES = 100;

    private final Validation causes = new Validation();

    private NetworkValidation() {}

    static List<Cause> causes(ResourceKey key, Network present, NetworkCommand.Apply apply) {
        var validation = new NetworkValidation();
        validation.causes.metadata(apply.labels(), apply.annotations());
        validation.peerings(key, apply.peerings());
        validation.systemFields(present, apply);
        return validation.causes.causes();
    }

    private void peerings(ResourceKey key, List<Peering> peerings) {
        causes.atMost("spec.peerings", peerings.size(), MAX_PEERINGS);
        Set<String> names = Validation.seen();
        Set<ResourceKey> targets = Validation.seen();
        Set<String> prefixNames = Validation.seen();
        Set<String> prefixRefs = Validation.seen();
        for (int i = 0; i < peerings.size(); i++) {
            var peering = peerings.get(i);
            String path = "spec.peerings[%d]".formatted(i);
            if (causes.dnsSubdomain(path + ".name", peering.name())) {
                causes.unique(path + ".name", peering.name(), names, "the name");
            }
            networkRef(path + ".networkRef", key, peering, targets);
            causes.atMost(path + ".prefixes", peering.prefixes().size(), MAX_PREFIXES);
            for (int j = 0; j < peering.prefixes().size(); j++) {
                prefix(
                        "%s.prefixes[%d]".formatted(path, j),
                        peering.prefixes().get(j),
                        prefixNames,
                        prefixRefs);
            }
        }
    }

    private void networkRef(
            String path, ResourceKey key, Peering peering, Set<ResourceKey> targets) {
        boolean named = causes.dnsSubdomain(path + ".name", peering.network());
        boolean placed =
                peering.namespace() == null
                        || causes.dnsLabel(path + ".namespace", peering.namespace());
        if (!named || !placed) {
            return;
        }
        var target = peering.target(key.namespace());
        if (target.equals(key)) {
            causes.forbidden(path, "a Network can't peer with itself");
        } else {
            causes.unique(path, target, targets, "the Network");
        }
    }

    private void prefix(
            String path, Peering.Prefix prefix, Set<String> names, Set<String> references) {
        if (causes.dnsSubdomain(path + ".name", prefix.name())) {
            causes.unique(path + ".name", prefix.name(), names, "the name");
        }
        if (prefix.cidr() == null && prefix.prefixRef() == null) {
            causes.required(path, "prefix or prefixRef must be given");
        } else if (prefix.cidr() != null && prefix.prefixRef() != null) {
            causes.forbidden(path + ".prefixRef", "only one of prefix and prefixRef may be given");
        } else if (prefix.cidr() != null) {
            if (Cidr.parse(prefix.cidr()).isEmpty()) {
                causes.forbidden(
                        path + ".prefix",
                        Texts.quoted(prefix.cidr())
                                + " is not a range in CIDR notation with zero host bits");
            }
        } else if (prefix.prefixRef() != null
                && causes.dnsSubdomain(path + ".prefixRef.name", prefix.prefixRef())) {
            causes.unique(path + ".prefixRef", prefix.prefixRef(), references, "the Prefix");
        }
    }

    /** What belongs to the system may be left out or repeated, not set. */
    private void systemFields(Network network, NetworkCommand.Apply apply) {
        var actual =
                switch (network) {
                    case Absent _ -> List.<IncomingPeering>of();
                    case Present present -> present.incoming();
                };
        String providerId =
                switch (network) {
                    case Absent _ -> null;
                    case Present present -> present.providerId();
                };
        if (apply.providerId() != null && !apply.providerId().equals(providerId)) {
            causes.forbidden("spec.providerID", "is set by the system, once");
        }
        for (int i = 0; i < apply.incoming().size(); i++) {
            var given = apply.incoming().get(i);
            if (actual.stream().noneMatch(given::means)) {
                causes.forbidden(
                        "spec.incomingPeerings[%d]".formatted(i), "is written by the system");
            }
        }
        if (!apply.incoming().isEmpty() && apply.incoming().size() < actual.size()) {
            causes.forbidden("spec.incomingPeerings", "is written by the system");
        }
    }
}
