package dev.openkcm.networking.network.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.network.domain.Blocker;
import dev.openkcm.networking.network.domain.Users;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** What uses each Network: a row per user. */
final class UserRows {

    private final KeyValueStore<String, byte[]> rows;

    /** Of the Networks whose deletion was asked for; how many use the others matters to nobody. */
    private final Map<ResourceKey, Integer> totals = new HashMap<>();

    UserRows(KeyValueStore<String, byte[]> rows) {
        this.rows = rows;
    }

    void note(ResourceKey network, Blocker user, boolean present) {
        String row = prefix(network) + user.kind() + " " + user.name();
        byte[] before = rows.get(row);
        if (present) {
            byte[] uid = user.uid().getBytes(UTF_8);
            if (!Arrays.equals(before, uid)) {
                rows.put(row, uid);
            }
        } else if (before != null) {
            rows.delete(row);
        }
        if (present != (before != null)) {
            totals.computeIfPresent(network, (_, total) -> total + (present ? 1 : -1));
        }
    }

    boolean any(ResourceKey network) {
        return total(network) > 0;
    }

    /** Searches for the first among the rows of those that are no more, so not for every change. */
    Users of(ResourceKey network) {
        if (!any(network)) {
            return Users.NONE;
        }
        var first = new ArrayList<Blocker>();
        try (var users = users(network)) {
            while (users.hasNext() && first.size() < Users.SHOWN) {
                var user = users.next();
                String[] kindAndName = user.key.substring(prefix(network).length()).split(" ", 2);
                first.add(
                        new Blocker(kindAndName[0], kindAndName[1], new String(user.value, UTF_8)));
            }
        }
        return new Users(total(network), first);
    }

    /** The Network is gone. */
    void forget(ResourceKey network) {
        totals.remove(network);
    }

    private int total(ResourceKey network) {
        return totals.computeIfAbsent(network, this::count);
    }

    private int count(ResourceKey network) {
        int count = 0;
        try (var users = users(network)) {
            for (; users.hasNext(); users.next()) {
                count++;
            }
        }
        return count;
    }

    private KeyValueIterator<String, byte[]> users(ResourceKey network) {
        return rows.range(prefix(network), "user " + network + "!");
    }

    private static String prefix(ResourceKey network) {
        return "user " + network + " ";
    }
}
