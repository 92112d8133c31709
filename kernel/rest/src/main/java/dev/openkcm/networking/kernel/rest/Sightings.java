package dev.openkcm.networking.kernel.rest;

import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Wakes whoever waits for a change of a resource to reach the view. */
@Singleton
public class Sightings {

    private final Map<String, Set<CompletableFuture<Void>>> waiting = new ConcurrentHashMap<>();

    /** Told by the view, after its table has the change. */
    void seen(String key, byte @Nullable [] state) {
        var waiters = waiting.remove(key);
        if (waiters != null) {
            waiters.forEach(w -> w.complete(null));
        }
    }

    /** Completes with the next change of the resource. */
    CompletableFuture<Void> next(String key) {
        var waiter = new CompletableFuture<Void>();
        waiting.compute(
                key,
                (_, waiters) -> {
                    var set =
                            waiters == null
                                    ? ConcurrentHashMap.<CompletableFuture<Void>>newKeySet()
                                    : waiters;
                    set.add(waiter);
                    return set;
                });
        return waiter;
    }

    /** Gives up waiting. */
    @SuppressWarnings("UndefinedEquals") // A waiter is equal to itself alone, as is wanted.
    void forget(String key, CompletableFuture<Void> waiter) {
        waiting.computeIfPresent(
                key,
                (_, waiters) -> {
                    waiters.remove(waiter);
                    return waiters.isEmpty() ? null : waiters;
                });
    }
}
