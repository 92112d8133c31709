package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.schemas.loadbalancer.v1.Destination;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What balancers show of an interface; the front of its row, so that labels can be left unread. */
final class Target {

    /** As a balancer shows it, and the hash by which it counts in the sum. */
    record Shown(Destination destination, Hash hash) {

        private static Shown of(Target target, List<String> ips) {
            String text = target.name + "\n" + target.uid + "\n" + String.join(",", ips);
            return new Shown(new Destination(target.name, target.uid, ips), Hash.of(text));
        }
    }

    private final String name;
    private final String uid;
    private final List<String> ips;

    /** Most balancers show the same. */
    private @Nullable Shown last;

    /** The addresses are sorted. */
    Target(String name, String uid, List<String> ips) {
        this.name = name;
        this.uid = uid;
        this.ips = ips;
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

    void write(Bytes.Writer bytes) {
        bytes.text(name);
        bytes.text(uid);
        bytes.texts(ips);
    }

    static Target read(Bytes.Reader bytes) {
        String name = bytes.text();
        String uid = bytes.text();
        return new Target(name, uid, bytes.texts());
    }

    static Target ofRow(byte[] row) {
        return read(new Bytes.Reader(row));
    }

    /** Whether two rows of an interface differ in labels alone. */
    static boolean same(byte[] row, byte[] other) {
        return Arrays.equals(row, 0, length(row), other, 0, length(other));
    }

    private static int length(byte[] row) {
        var bytes = new Bytes.Reader(row);
        bytes.skipText();
        bytes.skipText();
        for (int left = bytes.number(); left > 0; left--) {
            bytes.skipText();
        }
        return bytes.at();
    }
}
