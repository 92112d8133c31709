package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.network.domain.Blocker;
import dev.openkcm.networking.network.domain.Users;
import java.nio.ByteBuffer;
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
            count(network, before == null ? 1 : 0);
        } else if (before != null) {
            rows.delete(row);
            count(network, -1);
        }
    }

    private void count(ResourceKey network, int change) {
        int total = total(network) + change;
        if (total == 0) {
            rows.delete(countRow(network));
        } else {
            rows.put(countRow(network), ByteBuffer.allocate(Integer.BYTES).putInt(total).array());
        }
    }

    private int total(ResourceKey network) {
        byte[] bytes = rows.get(countRow(network));
        return bytes == null ? 0 : ByteBuffer.wrap(bytes).getInt();
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
        return new Users(total(network), first);
    }

    private static String countRow(ResourceKey network) {
        return "count " + network;
    }
}
