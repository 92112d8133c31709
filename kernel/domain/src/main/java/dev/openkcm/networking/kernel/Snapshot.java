package dev.openkcm.networking.kernel;

import java.time.Instant;

/**
 * A resource as the deciding store keeps it: the fold of its events.
 *
 * @param lastEventAt when the last event happened; the next one does not happen earlier
 */
public record Snapshot<S>(S state, Instant lastEventAt) {

    /** Of a key that nobody has written to yet. */
    public static <S> Snapshot<S> of(S absent) {
        return new Snapshot<>(absent, Instant.EPOCH);
    }
}
