package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.streams.Kind;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Wakes whoever waits for a change of a resource to reach the view. */
@Singleton
public class Sightings {

    private final Map<String, Set<CompletableFuture<Void>>> waiting = new ConcurrentHashMap<>();

    /** Told by the view, after its table has the change. */
    void seen(Kind<?, ?, ?> kind, String key) {
        var waiters = waiting.remove(id(kind, key));
        if (waiters != null) {
            waiters.forEach(w -> w.complete(null));
        }
    }

    private static String id(Kind<?, ?, ?> kind, String key) {
        return kind.entity() + " " + key;
    }

    /** Completes with the next change of the resource. */
    CompletableFuture<Void> next(Kind<?, ?, ?> kind, String key) {
        var waiter = new CompletableFuture<Void>();
        waiting.compute(
                id(kind, key),
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
    void forget(Kind<?, ?, ?> kind, String key, CompletableFuture<Void> waiter) {
        waiting.computeIfPresent(
                id(kind, key),
                (_, waiters) -> {
                    waiters.remove(waiter);
                    return waiters.isEmpty() ? null : waiters;
                });
    }
}
