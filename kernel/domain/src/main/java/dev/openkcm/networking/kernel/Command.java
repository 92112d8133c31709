package dev.openkcm.networking.kernel;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something to decide upon, together with everything a decision may need that is not in the state:
 * a command from outside, or an observation from another service.
 *
 * @param id chosen by the sender; the same id again is a retry, not a second wish
 * @param expectedResourceVersion the version the sender last saw, if it cares; 0 means that the
 *     resource must not exist
 * @param at the only clock that {@code decide} may look at
 * @param newUid the uid of the resource, should this create one
 * @param actor on whose behalf, where known
 */
public record Command<C>(
        String id,
        ResourceKey key,
        @Nullable Long expectedResourceVersion,
        boolean dryRun,
        Instant at,
        UUID newUid,
        @Nullable String actor,
        C payload) {}
