package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An interface that can be a destination: it is Available and has an address.
 *
 * @param ips sorted
 */
record Member(String name, String uid, List<String> ips, SortedMap<String, String> labels) {

    /** Null when it can't be a destination now. */
    static @Nullable Member of(@Nullable NetworkMember row) {
        if (row == null
                || row.getState() != NetworkInterfaceState.Available
                || row.getIps().isEmpty()) {
            return null;
        }
        return new Member(
                row.getName(),
                row.getUid(),
                sorted(row.getIps()),
                Collections.unmodifiableSortedMap(new TreeMap<>(row.getLabels())));
    }

    private static List<String> sorted(List<String> ips) {
        if (ips.size() == 1) {
            return List.of(ips.getFirst());
        }
        var sorted = new ArrayList<>(ips);
        sorted.sort(null);
        return List.copyOf(sorted);
    }

    /** Whether a balancer that has both would write the same row. */
    boolean sameDestination(Member other) {
        return uid.equals(other.uid) && ips.equals(other.ips);
    }

    /** The addresses of some families. */
    List<String> ips(List<String> families) {
        boolean all = true;
        for (String ip : ips) {
            all &= families.contains(family(ip));
        }
        return all ? ips : ips.stream().filter(ip -> families.contains(family(ip))).toList();
    }

    /** Held addresses are in canonical form, in which only IPv6 has colons. */
    private static String family(String ip) {
        return ip.indexOf(':') >= 0 ? IpFamily.IPv6.name() : IpFamily.IPv4.name();
    }

    byte[] toBytes() {
        var bytes = new Bytes.Writer();
        bytes.text(name);
        bytes.text(uid);
        bytes.texts(ips);
        bytes.number(labels.size());
        labels.forEach((key, value) -> {
            bytes.text(key);
            bytes.text(value);
        });
        return bytes.toBytes();
    }

    static Member fromBytes(byte[] row) {
        var bytes = new Bytes.Reader(row);
        String name = bytes.text();
        String uid = bytes.text();
        var ips = bytes.texts();
        var labels = new TreeMap<String, String>();
        for (int left = bytes.number(); left > 0; left--) {
            String key = bytes.text();
            labels.put(key, bytes.text());
        }
        return new Member(name, uid, ips, labels);
    }
}
