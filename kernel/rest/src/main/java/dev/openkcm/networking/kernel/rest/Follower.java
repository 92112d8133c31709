package dev.openkcm.networking.kernel.rest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a service keeps in memory of published tables, whole, in every instance: a bean that {@link
 * Replica} feeds. Told everything from one thread, in the order of each partition.
 */
public interface Follower {

    /** The compacted topics to follow. */
    List<String> topics();

    /** A committed row; null when it is gone. */
    void row(String topic, String key, byte @Nullable [] value);
}
