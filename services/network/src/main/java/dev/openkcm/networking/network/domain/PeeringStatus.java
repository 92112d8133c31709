package dev.openkcm.networking.network.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one peering stands.
 *
 * @param exported what is exported while {@code Ready}; everything when empty
 * @param overlap addresses of both Networks that overlap, in words
 */
public record PeeringStatus(
        String name,
        Phase phase,
        State state,
        @Nullable String reason,
        @Nullable String message,
        List<Exported> exported,
        @Nullable String overlap) {

    /** Whether the peering is in place. */
    public enum Phase {
        Pending,
        Bound
    }

    /** Whether routes are exchanged. */
    public enum State {
        Pending,
        Ready,
        Error
    }

    /** A range that is exported. */
    public record Exported(String name, String cidr) {}

    public PeeringStatus {
        exported = List.copyOf(exported);
    }

    static PeeringStatus pending(String name, String reason, String message) {
        return new PeeringStatus(
                name, Phase.Pending, State.Pending, reason, message, List.of(), null);
    }

    /** Of a peering that both sides wish, both being Available. */
    static PeeringStatus bound(Peering peering, @Nullable String overlap) {
        for (var prefix : peering.prefixes()) {
            if (prefix.cidr() == null) {
                // Without its ranges the filter would be empty, and an empty one exports
                // everything.
                return new PeeringStatus(
                        peering.name(),
                        Phase.Bound,
                        State.Pending,
                        "PrefixesUnresolved",
                        "the Prefix %s is not allocated; nothing is exported until it is"
                                .formatted(prefix.prefixRef()),
                        List.of(),
                        overlap);
            }
        }
        var exported =
                peering.prefixes().stream()
                        .map(p -> new Exported(p.name(), p.cidr() == null ? "" : p.cidr()))
                        .toList();
        return new PeeringStatus(
                peering.name(), Phase.Bound, State.Ready, null, null, exported, overlap);
    }

    PeeringStatus withOverlap(@Nullable String newOverlap) {
        return new PeeringStatus(name, phase, state, reason, message, exported, newOverlap);
    }
}
