package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An interface that can be a destination: it is Available and has an address. */
record Member(Target target, SortedMap<String, String> labels) {

    /** Null when it can't be a destination now. */
    static @Nullable Member of(@Nullable NetworkMember row) {
        if (row == null
                || row.getState() != NetworkInterfaceState.Available
                || row.getIps().isEmpty()) {
            return null;
        }
        return new Member(
                new Target(row.getName(), row.getUid(), sorted(row.getIps())),
                new TreeMap<>(row.getLabels()));
    }

    private static List<String> sorted(List<String> ips) {
        if (ips.size() == 1) {
            return List.of(ips.getFirst());
        }
        var sorted = new ArrayList<>(ips);
        sorted.sort(null);
        return List.copyOf(sorted);
    }

    /**
     * Equal when and only when the members are.
     *
     * @param before the row there was, whose hash is taken over where only labels changed
     */
    byte[] toBytes(byte @Nullable [] before) {
        var bytes = new Bytes.Writer();
        target.write(bytes, before);
        bytes.number(labels.size());
        labels.forEach((key, value) -> {
            bytes.text(key);
            bytes.text(value);
        });
        return bytes.toBytes();
    }

    static Member fromBytes(byte[] row) {
        var bytes = new Bytes.Reader(row);
        var target = Target.read(bytes);
        var labels = new TreeMap<String, String>();
        for (int left = bytes.number(); left > 0; left--) {
            String key = bytes.text();
            labels.put(key, bytes.text());
        }
        return new Member(target, labels);
    }
}
