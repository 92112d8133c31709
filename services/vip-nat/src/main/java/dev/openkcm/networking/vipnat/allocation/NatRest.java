package dev.openkcm.networking.vipnat.allocation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Ports of a gateway that nobody has, and that nobody gets before a time.
 *
 * @param endPort belongs to them
 * @param keeper the uid of the interface that may have them again at once, since a new number of
 *     ports took them from it, and not itself
 */
public record NatRest(
        String publicIp, int port, int endPort, Instant until, @Nullable String keeper) {

    boolean relaid() {
        return keeper != null;
    }

    NatRest part(int first, int last) {
        return new NatRest(publicIp, first, last, until, keeper);
    }
}
