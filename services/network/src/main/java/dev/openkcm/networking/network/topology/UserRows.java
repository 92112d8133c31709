package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.network.domain.Blocker;
import dev.openkcm.networking.network.domain.Users;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.apache.kafka.streams.state.KeyValueStore;

/** What uses each Network: a row per user and a count, so that twenty thousand cost no more. */
final class UserRows {

    private final KeyValueStore<String, byte[]> rows;

    UserRows(KeyValueStore<String, byte[]> rows) {
        this.rows = rows;
    }

    void note(ResourceKey network, Blocker user, boolean present) {
        String row = "user " + network + " " + user.kind() + " " + user.name();
        byte[] before = rows.get(row);
        if (present) {
            rows.put(row, user.uid().getBytes(StandardCharsets.UTF_8));
            if (before == null) {
                Counts.add(rows, countRow(network), 1);
            }
        } else if (before != null) {
            rows.delete(row);
            Counts.add(rows, countRow(network), -1);
        }
    }

    Users of(ResourceKey network) {
        var first = new ArrayList<Blocker>();
        String prefix = "user " + network + " ";
        try (var users = rows.range(prefix, "user " + network + "!")) {
            while (users.hasNext() && first.size() < Users.SHOWN) {
                var user = users.next();
                String[] kindAndName = user.key.substring(prefix.length()).split(" ", 2);
                first.add(
                        new Blocker(
                                kindAndName[0],
                                kindAndName[1],
                                new String(user.value, StandardCharsets.UTF_8)));
            }
        }
        return new Users(Counts.of(rows, countRow(network)), first);
    }

    private static String countRow(ResourceKey network) {
        return "count " + network;
    }
}
