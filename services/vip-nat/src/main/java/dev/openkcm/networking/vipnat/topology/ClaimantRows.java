package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.vipnat.domain.virtualip.Queue;
import dev.openkcm.networking.vipnat.domain.virtualip.Target;
import dev.openkcm.networking.vipnat.domain.virtualip.Waiting;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Who names each VirtualIP, in the order in which they began to. Kept whether the VirtualIP exists
 * or not, since interfaces may come before it.
 */
final class ClaimantRows {

    /** A row of the queue: who, and the families that it has addresses of. */
    private record Claimant(Target who, List<String> families) {

        byte[] toBytes() {
            return String.join("\t", who.kind(), who.name(), who.uid(), String.join(",", families))
                    .getBytes(StandardCharsets.UTF_8);
        }

        static Claimant fromBytes(byte[] bytes) {
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\t", -1);
            return new Claimant(
                    new Target(parts[0], parts[1], parts[2]), List.of(parts[3].split(",", -1)));
        }
    }

    private final KeyValueStore<String, byte[]> rows;

    ClaimantRows(KeyValueStore<String, byte[]> rows) {
        this.rows = rows;
    }

    /** Who is told of again keeps its place; one of another uid is somebody else. */
    void note(ResourceKey virtualIp, Target by, List<String> families, boolean named) {
        String place = "place " + virtualIp + ' ' + by.kind() + ' ' + by.name();
        byte[] known = rows.get(place);
        String row = known == null ? null : new String(known, StandardCharsets.UTF_8);
        byte[] before = row == null ? null : rows.get(row);
        boolean same = before != null && Claimant.fromBytes(before).who().equals(by);
        if (!named) {
            if (row != null && same) {
                rows.delete(row);
                rows.delete(place);
                count(virtualIp, -1);
            }
            return;
        }
        if (row != null && !same) {
            rows.delete(row);
            count(virtualIp, -1);
        }
        if (row == null || !same) {
            row = queueRow(virtualIp) + HexFormat.of().toHexDigits(nextOrder());
            rows.put(place, row.getBytes(StandardCharsets.UTF_8));
            count(virtualIp, 1);
        }
        rows.put(row, new Claimant(by, families).toBytes());
    }

    /** Who names the VirtualIP, seen from who has it now. */
    Queue queue(ResourceKey virtualIp, String family, @Nullable Target holder) {
        boolean holderNamesIt = false;
        var eligible = new ArrayList<Target>();
        var unfit = new ArrayList<Target>();
        try (var queue = rows.range(queueRow(virtualIp), "queue " + virtualIp + '!')) {
            while (queue.hasNext()) {
                var claimant = Claimant.fromBytes(queue.next().value);
                boolean fits = claimant.families().contains(family);
                if (claimant.who().equals(holder)) {
                    holderNamesIt = fits;
                    if (!fits) {
                        unfit.add(claimant.who());
                    }
                } else if (fits && eligible.size() <= Waiting.SHOWN) {
                    eligible.add(claimant.who());
                } else if (!fits && unfit.size() < Waiting.SHOWN) {
                    unfit.add(claimant.who());
                }
            }
        }
        return new Queue(
                holderNamesIt, eligible, unfit, total(virtualIp) - (holderNamesIt ? 1 : 0));
    }

    private static String queueRow(ResourceKey virtualIp) {
        return "queue " + virtualIp + ' ';
    }

    private int total(ResourceKey virtualIp) {
        byte[] bytes = rows.get("count " + virtualIp);
        return bytes == null ? 0 : ByteBuffer.wrap(bytes).getInt();
    }

    private void count(ResourceKey virtualIp, int change) {
        int total = total(virtualIp) + change;
        if (total == 0) {
            rows.delete("count " + virtualIp);
        } else {
            rows.put(
                    "count " + virtualIp, ByteBuffer.allocate(Integer.BYTES).putInt(total).array());
        }
    }

    private long nextOrder() {
        byte[] bytes = rows.get("order");
        long order = bytes == null ? 0 : ByteBuffer.wrap(bytes).getLong() + 1;
        rows.put("order", ByteBuffer.allocate(Long.BYTES).putLong(order).array());
        return order;
    }
}
