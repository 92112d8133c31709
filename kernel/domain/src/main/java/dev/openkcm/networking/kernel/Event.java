package dev.openkcm.networking.kernel;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a resource, with its place in the resource's history.
 *
 * @param sequence 1 for the first event of the uid, then without gaps
 * @param time never goes back for one uid
 * @param causedBy the id of the command, or of the event elsewhere, that caused it
 * @param actor on whose behalf, where known
 */
public record Event<E>(
        ResourceKey key,
        UUID uid,
        long sequence,
        Instant time,
        String causedBy,
        @Nullable String actor,
        E payload) {

    /** What other records refer to this event by. */
    public String id() {
        return uid + "/" + sequence;
    }
}
