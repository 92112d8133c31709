package dev.openkcm.networking.kernel;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What every resource says of itself, whatever its kind.
 *
 * @param generation counts the changes of the spec, from 1
 * @param resourceVersion the sequence of the last event applied
 * @param deletedAt when its deletion was asked for, while the deletion waits
 */
public record Meta(
        ResourceKey key,
        UUID uid,
        long generation,
        long resourceVersion,
        Instant createdAt,
        @Nullable Instant deletedAt,
        SortedMap<String, String> labels,
        SortedMap<String, String> annotations) {

    public Meta {
        labels = sorted(labels);
        annotations = sorted(annotations);
    }

    /** The metadata of a resource that this event, its first, created. */
    public static Meta createdBy(
            Event<?> event,
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations) {
        return new Meta(
                event.key(),
                event.uid(),
                1,
                event.sequence(),
                event.time(),
                null,
                labels,
                annotations);
    }

    public boolean deleting() {
        return deletedAt != null;
    }

    /** The same after an event that left spec, labels and annotations alone. */
    public Meta seen(Event<?> event) {
        return new Meta(
                key, uid, generation, event.sequence(), createdAt, deletedAt, labels, annotations);
    }

    /** The same after an event that replaced labels, annotations and perhaps the spec. */
    public Meta updatedBy(
            Event<?> event,
            boolean specChanged,
            SortedMap<String, String> newLabels,
            SortedMap<String, String> newAnnotations) {
        return new Meta(
                key,
                uid,
                specChanged ? generation + 1 : generation,
                event.sequence(),
                createdAt,
                deletedAt,
                newLabels,
                newAnnotations);
    }

    /** The same after an event that asked for the deletion. */
    public Meta deletionRequestedBy(Event<?> event) {
        return new Meta(
                key,
                uid,
                generation,
                event.sequence(),
                createdAt,
                event.time(),
                labels,
                annotations);
    }

    /** A sorted, unmodifiable copy: iteration order must not depend on the JVM that replays. */
    public static SortedMap<String, String> sorted(java.util.Map<String, String> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
