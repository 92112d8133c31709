package dev.openkcm.networking.vipnat.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.Cidr;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Who had what from when to when, as rows. The key of a row tells what, then when it began, so that
 * the row of a moment is found by one step back from it; the value tells when it ended and who.
 *
 * <p>A row may be written again with the same content, so reading events twice does no harm.
 */
public final class OwnerRows {

    /** What somebody had from a moment on. */
    record Holding(String what, Instant from, String uid) {

        String row() {
            return beginning(what, from) + " " + uid;
        }
    }

    /**
     * Who had it.
     *
     * @param target who used a VirtualIP, as {@code <kind>/<name>}; else empty
     * @param gateway whose ports they are; else empty
     * @param network empty for VirtualIPs, which belong to none
     * @param port -1 for whole addresses
     */
    record Owner(
            String kind,
            String namespace,
            String name,
            String uid,
            String target,
            String gateway,
            String network,
            String ip,
            int port,
            int endPort) {}

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private OwnerRows() {}

    private static String beginning(String what, Instant from) {
        return what + " " + HexFormat.of().toHexDigits(from.toEpochMilli());
    }

    static String ports(String publicIp, int port) {
        return "ports " + publicIp + " " + Integer.toString(100_000 + port).substring(1);
    }

    /** A public address as a whole. */
    static String publicAddress(String ip) {
        return "address " + ip;
    }

    static String inNetwork(String network, String range) {
        return "net " + network + ' ' + range;
    }

    /** The address or range, of what is held in a Network or publicly as a whole. */
    static String range(String what) {
        return what.substring(what.lastIndexOf(' ') + 1);
    }

    static void put(
            KeyValueStore<String, byte[]> rows,
            Holding holding,
            Owner owner,
            @Nullable Instant to) {
        String value =
                String.join(
                        "\t",
                        to == null ? "" : Long.toString(to.toEpochMilli()),
                        owner.kind,
                        owner.namespace,
                        owner.name,
                        owner.uid,
                        owner.target,
                        owner.gateway,
                        owner.network,
                        owner.ip,
                        Integer.toString(owner.port),
                        Integer.toString(owner.endPort));
        rows.put(holding.row(), value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Who had the address, or the port of it, at the time.
     *
     * @param port null for whoever had the address or any port of it
     * @param network {@code <namespace>/<name>} of the Network whose addresses are meant; null for
     *     public addresses
     */
    public static List<JsonNode> at(
            ReadOnlyKeyValueStore<String, byte[]> rows,
            Cidr ip,
            @Nullable Integer port,
            @Nullable String network,
            Instant time) {
        var found = new ArrayList<JsonNode>();
        if (network != null) {
            for (int length = ip.family().bits(); length >= 0; length--) {
                find(rows, inNetwork(network, ip.truncate(length).text()), time, found);
            }
            return found;
        }
        find(rows, publicAddress(ip.text()), time, found);
        if (port == null) {
            anyPort(rows, ip, time, found);
        } else {
            // Ranges are powers of two long and lie side by side from 1024 on.
            for (int length = 1; port >= 1024 && length <= 32768; length *= 2) {
                int start = 1024 + (port - 1024) / length * length;
                var candidates = new ArrayList<JsonNode>();
                find(rows, ports(ip.text(), start), time, candidates);
                candidates.removeIf(c -> c.path("endPort").asInt() < port);
                candidates.stream().filter(c -> !found.contains(c)).forEach(found::add);
            }
        }
        return found;
    }

    /**
     * Whoever had a port is meant when a port is asked about, and not the gateway that its address
     * belongs to.
     */
    public static List<JsonNode> nearest(List<JsonNode> owners, @Nullable Integer port) {
        boolean ports = port != null && owners.stream().anyMatch(o -> o.has("port"));
        return ports ? owners.stream().filter(o -> o.has("port")).toList() : owners;
    }

    private static void find(
            ReadOnlyKeyValueStore<String, byte[]> rows,
            String what,
            Instant time,
            List<JsonNode> found) {
        String to = beginning(what, time) + "~";
        try (var before = rows.reverseRange(what + " ", to)) {
            // Holdings of one thing follow each other, so the last that began decides; several may
            // have begun in the same moment.
            long last = -1;
            while (before.hasNext()) {
                var row = before.next();
                long began = began(row.key);
                if (last >= 0 && began != last) {
                    return;
                }
                last = began;
                String[] parts = new String(row.value, StandardCharsets.UTF_8).split("\t", -1);
                if (covers(parts[0], time)) {
                    found.add(document(row.key, parts));
                    return;
                }
            }
        }
    }

    private static boolean covers(String to, Instant time) {
        return to.isEmpty() || Long.parseLong(to) > time.toEpochMilli();
    }

    private static void anyPort(
            ReadOnlyKeyValueStore<String, byte[]> rows,
            Cidr ip,
            Instant time,
            List<JsonNode> found) {
        String prefix = "ports " + ip.text();
        try (var all = rows.range(prefix + " ", prefix + "!")) {
            all.forEachRemaining(row -> {
                String[] parts = new String(row.value, StandardCharsets.UTF_8).split("\t", -1);
                if (began(row.key) <= time.toEpochMilli() && covers(parts[0], time)) {
                    found.add(document(row.key, parts));
                }
            });
        }
    }

    private static long began(String row) {
        String[] parts = row.split(" ", -1);
        return Long.parseLong(parts[parts.length - 2], 16);
    }

    private static ObjectNode document(String row, String[] parts) {
        var owner = JSON.objectNode();
        owner.put("kind", parts[1]);
        owner.put("namespace", parts[2]);
        owner.put("name", parts[3]);
        owner.put("uid", parts[4]);
        if (!parts[5].isEmpty()) {
            int slash = parts[5].indexOf('/');
            owner.putObject("targetRef")
                    .put("kind", parts[5].substring(0, slash))
                    .put("name", parts[5].substring(slash + 1));
        }
        if (!parts[6].isEmpty()) {
            owner.put("natGateway", parts[6]);
        }
        if (!parts[7].isEmpty()) {
            owner.put("network", parts[7]);
        }
        if (!parts[8].isEmpty()) {
            owner.put("ip", parts[8]);
        }
        int port = Integer.parseInt(parts[9]);
        if (port >= 0) {
            owner.put("port", port);
            owner.put("endPort", Integer.parseInt(parts[10]));
        }
        owner.put("from", Instant.ofEpochMilli(began(row)).toString());
        if (!parts[0].isEmpty()) {
            owner.put("to", Instant.ofEpochMilli(Long.parseLong(parts[0])).toString());
        }
        return owner;
    }
}
