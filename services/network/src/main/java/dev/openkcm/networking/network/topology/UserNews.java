package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * When a Network that waits for its users is told who is left: at once after a quiet second, else
 * when the second is over. Twenty thousand users that go would be as many versions of it, each with
 * a search for the first of those that are left among the rows of those that are not.
 */
final class UserNews {

    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final String UNTOLD = "untold ";

    private final KeyValueStore<String, byte[]> rows;
    private final Map<ResourceKey, Instant> toldAt = new HashMap<>();

    /** As in the rows, which outlive a restart. */
    private final Set<ResourceKey> untold = new LinkedHashSet<>();

    UserNews(KeyValueStore<String, byte[]> rows) {
        this.rows = rows;
        try (var found = rows.range(UNTOLD, UNTOLD.strip() + "!")) {
            found.forEachRemaining(
                    row -> untold.add(ResourceKey.parse(row.key.substring(UNTOLD.length()))));
        }
    }

    /** Whether it is told now; else it is {@linkplain #due due} later. */
    boolean tellNow(ResourceKey network, Instant now) {
        var last = toldAt.get(network);
        if (last == null || paused(last, now)) {
            told(network, now);
            return true;
        }
        if (untold.add(network)) {
            rows.put(UNTOLD + network, new byte[0]);
        }
        return false;
    }

    /** A Network that is to be told now, and counts as told. */
    Optional<ResourceKey> due(Instant now) {
        var due =
                untold.stream()
                        .filter(network -> paused(toldAt.getOrDefault(network, Instant.MIN), now))
                        .findFirst();
        due.ifPresent(network -> told(network, now));
        return due;
    }

    /** It waits for nobody any more. */
    void forget(ResourceKey network) {
        toldAt.remove(network);
        if (untold.remove(network)) {
            rows.delete(UNTOLD + network);
        }
    }

    private void told(ResourceKey network, Instant now) {
        forget(network);
        toldAt.put(network, now);
    }

    /** Or the clock was set back. */
    private static boolean paused(Instant last, Instant now) {
        return now.isBefore(last) || !now.minus(PAUSE).isBefore(last);
    }
}
