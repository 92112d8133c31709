package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What balancers show of an interface; the front of its row, so that labels can be left unread. */
final class Target {

    /** As a balancer shows it, and the hash by which it counts in the sum. */
    record Shown(Destination destination, Hash hash) {

        private static Shown of(Target target, List<String> ips) {
            var hash = ips.size() == target.ips.size() ? target.hash() : target.hash(ips);
            return new Shown(new Destination(target.name, target.uid, ips), hash);
        }
    }

    private final String name;
    private final String uid;
    private final List<String> ips;

    /** Shown with all addresses; null until it is asked for. */
    private @Nullable Hash hash;

    /** Most balancers show the same. */
    private @Nullable Shown last;

    /** The addresses are sorted. */
    Target(String name, String uid, List<String> ips) {
        this.name = name;
        this.uid = uid;
        this.ips = ips;
    }

    private Hash hash() {
        var known = hash;
        if (known == null) {
            known = hash(ips);
            hash = known;
        }
        return known;
    }

    private Hash hash(List<String> some) {
        return Hash.of(name + "\n" + uid + "\n" + String.join(",", some));
    }

    /** By a balancer of these families; null when it has no address of them. */
    @Nullable Shown shown(List<String> families) {
        var some = ips(families);
        if (some.isEmpty()) {
            return null;
        }
        var shown = last;
        if (shown == null || !shown.destination.getIps().equals(some)) {
            shown = Shown.of(this, some);
            last = shown;
        }
        return shown;
    }

    private List<String> ips(List<String> families) {
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

    /** Before anything else; a row that there was already may know the hash. */
    void write(Bytes.Writer bytes, byte @Nullable [] before) {
        bytes.text(name);
        bytes.text(uid);
        bytes.texts(ips);
        if (before != null && bytes.begins(before)) {
            hash = hash(before);
        }
        bytes.hash(hash());
    }

    static Target read(Bytes.Reader bytes) {
        String name = bytes.text();
        String uid = bytes.text();
        var target = new Target(name, uid, bytes.texts());
        target.hash = bytes.hash();
        return target;
    }

    static Target ofRow(byte[] row) {
        return read(new Bytes.Reader(row));
    }

    /** Whether two rows of an interface differ in labels alone. */
    static boolean same(byte[] row, byte[] other) {
        return hash(row).equals(hash(other));
    }

    private static Hash hash(byte[] row) {
        var bytes = new Bytes.Reader(row);
        bytes.skipText();
        bytes.skipText();
        for (int left = bytes.number(); left > 0; left--) {
            bytes.skipText();
        }
        return bytes.hash();
    }
}
