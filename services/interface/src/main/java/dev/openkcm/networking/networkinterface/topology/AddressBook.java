package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.networkinterface.domain.AddressInUse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Who holds which address or range in one Network, and who waits for one.
 *
 * <p>No two claimants hold addresses that overlap. Whoever comes first holds; whoever finds
 * something held waits for exactly that and gets it, oldest first, when it is given up. A look-up
 * costs a get per length of range in use, and a scan of what lies inside where a range is wanted,
 * however many addresses there are.
 */
final class AddressBook {

    /**
     * What is claimed, and since when in the order of claims.
     *
     * @param uid of the claimant; null in rows from before it was kept
     * @param waits whether somebody else holds something of it; all else it holds
     */
    record Claim(
            long order,
            long generation,
            List<String> addresses,
            @Nullable String uid,
            boolean waits) {

        Claim waiting(boolean now) {
            return new Claim(order, generation, addresses, uid, now);
        }

        byte[] toBytes() {
            return String.join(
                            " ",
                            Long.toString(order),
                            Long.toString(generation),
                            String.join(",", addresses),
                            uid == null ? "" : uid,
                            waits ? "waits" : "")
                    .getBytes(StandardCharsets.UTF_8);
        }

        static @Nullable Claim fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 5);
            return new Claim(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    parts[2].isEmpty() ? List.of() : List.of(parts[2].split(",", -1)),
                    parts[3].isEmpty() ? null : parts[3],
                    !parts[4].isEmpty());
        }
    }

    private final KeyValueStore<String, byte[]> rows;
    private final String network;

    AddressBook(KeyValueStore<String, byte[]> rows, String network) {
        this.rows = rows;
        this.network = network;
    }

    @Nullable Claim claim(String claimant) {
        return Claim.fromBytes(rows.get(claimRow(claimant)));
    }

    /** All that claim something in the Network, or live in it without an address. */
    List<String> claimants() {
        var claimants = new ArrayList<String>();
        try (var claims = rows.range(claimRow(""), "claim " + network + "!")) {
            claims.forEachRemaining(c -> claimants.add(c.key.substring(claimRow("").length())));
        }
        return claimants;
    }

    /**
     * Replaces what is claimed; returns the other claimants that must hear of it.
     *
     * @param order greater than that of every earlier claim in this Network
     */
    List<String> replace(
            String claimant, long order, String uid, long generation, List<String> addresses) {
        var before = claim(claimant);
        var released = new ArrayList<Cidr>();
        if (before != null) {
            noLongerWaits(claimant, before);
            for (String address : before.addresses()) {
                if (!addresses.contains(address) && release(claimant, parse(address))) {
                    released.add(parse(address));
                }
            }
        }
        hold(claimant, new Claim(order, generation, addresses, uid, false));
        return serveWaiting(released);
    }

    /** Gives up everything; returns the other claimants that must hear of it. */
    List<String> remove(String claimant) {
        var claim = claim(claimant);
        if (claim == null) {
            return List.of();
        }
        rows.delete(claimRow(claimant));
        noLongerWaits(claimant, claim);
        var released = new ArrayList<Cidr>();
        for (String address : claim.addresses()) {
            if (release(claimant, parse(address))) {
                released.add(parse(address));
            }
        }
        return serveWaiting(released);
    }

    /** What is claimed but held by somebody else. */
    List<AddressInUse> conflicts(String claimant, Claim claim) {
        if (!claim.waits()) {
            return List.of();
        }
        var conflicts = new ArrayList<AddressInUse>();
        for (String address : claim.addresses()) {
            heldByOther(claimant, parse(address)).ifPresent(conflicts::add);
        }
        return conflicts;
    }

    /** Holds what nobody else does, and waits for the rest. */
    private void hold(String claimant, Claim claim) {
        boolean waits = false;
        for (String address : claim.addresses()) {
            var range = parse(address);
            if (heldByOther(claimant, range).isPresent()) {
                waits = true;
            } else if (rows.get(heldRow(range)) == null) {
                rows.put(heldRow(range), claimant.getBytes(StandardCharsets.UTF_8));
                count(range, 1);
            }
        }
        if (waits) {
            rows.put(waitRow(claim.order(), claimant), new byte[0]);
        } else {
            noLongerWaits(claimant, claim);
        }
        rows.put(claimRow(claimant), claim.waiting(waits).toBytes());
    }

    /** Most never wait, and to delete what is not there is written to the changelog, too. */
    private void noLongerWaits(String claimant, Claim claim) {
        if (claim.waits()) {
            rows.delete(waitRow(claim.order(), claimant));
        }
    }

    private boolean release(String claimant, Cidr range) {
        byte[] holder = rows.get(heldRow(range));
        if (holder == null || !text(holder).equals(claimant)) {
            return false;
        }
        rows.delete(heldRow(range));
        count(range, -1);
        return true;
    }

    /** Whoever waited for something released gains it, or waits for another holder from now on. */
    private List<String> serveWaiting(List<Cidr> released) {
        var concerned = new ArrayList<String>();
        if (released.isEmpty()) {
            return concerned;
        }
        var waiting = new ArrayList<String>();
        String prefix = "wait " + network + " ";
        try (var oldest = rows.range(prefix, "wait " + network + "!")) {
            oldest.forEachRemaining(w ->
                    waiting.add(w.key.substring(prefix.length() + "0123456789abcdef ".length())));
        }
        for (String claimant : waiting) {
            var claim = claim(claimant);
            if (claim != null
                    && claim.addresses().stream()
                            .map(AddressBook::parse)
                            .anyMatch(a -> released.stream().anyMatch(a::overlaps))) {
                hold(claimant, claim);
                concerned.add(claimant);
            }
        }
        return concerned;
    }

    private Optional<AddressInUse> heldByOther(String claimant, Cidr wanted) {
        for (int length : lengths(wanted.family()).headMap(wanted.length()).keySet()) {
            var around = wanted.truncate(length);
            byte[] holder = rows.get(heldRow(around));
            if (holder != null && !text(holder).equals(claimant)) {
                return Optional.of(inUse(wanted, around, text(holder)));
            }
        }
        return wanted.isAddress() ? heldAlone(claimant, wanted) : heldInside(claimant, wanted);
    }

    /** Nothing but itself is inside an address. */
    private Optional<AddressInUse> heldAlone(String claimant, Cidr wanted) {
        byte[] holder = rows.get(heldRow(wanted));
        return holder == null || text(holder).equals(claimant)
                ? Optional.empty()
                : Optional.of(inUse(wanted, wanted, text(holder)));
    }

    private Optional<AddressInUse> heldInside(String claimant, Cidr wanted) {
        try (var inside =
                rows.range(heldRow(wanted.family(), wanted.address(), 0), lastRow(wanted))) {
            while (inside.hasNext()) {
                var row = inside.next();
                var held = fromHeldRow(row.key);
                if (wanted.contains(held) && !text(row.value).equals(claimant)) {
                    return Optional.of(inUse(wanted, held, text(row.value)));
                }
            }
        }
        return Optional.empty();
    }

    private static AddressInUse inUse(Cidr wanted, Cidr held, String holder) {
        var by = Claimant.parse(holder);
        return new AddressInUse(wanted.text(), by.kind() + " " + by.name(), held.text());
    }

    /** An address is around nothing, so those need not be counted. */
    private void count(Cidr range, int change) {
        if (range.isAddress()) {
            return;
        }
        var lengths = lengths(range.family());
        if (lengths.merge(range.length(), change, Integer::sum) == 0) {
            lengths.remove(range.length());
        }
        String row = lengthsRow(range.family());
        if (lengths.isEmpty()) {
            rows.delete(row);
            return;
        }
        var bytes = ByteBuffer.allocate(lengths.size() * 2 * Integer.BYTES);
        lengths.forEach((length, count) -> bytes.putInt(length).putInt(count));
        rows.put(row, bytes.array());
    }

    /** The lengths of the ranges that are held, addresses left out, and how many of each. */
    private SortedMap<Integer, Integer> lengths(IpFamily family) {
        var lengths = new TreeMap<Integer, Integer>();
        byte[] bytes = rows.get(lengthsRow(family));
        if (bytes != null) {
            for (var row = ByteBuffer.wrap(bytes); row.hasRemaining(); ) {
                lengths.put(row.getInt(), row.getInt());
            }
        }
        return lengths;
    }

    private static Cidr parse(String address) {
        return (address.indexOf('/') < 0 ? Cidr.parseAddress(address) : Cidr.parse(address))
                .orElseThrow();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String claimRow(String claimant) {
        return "claim " + network + " " + claimant;
    }

    private String waitRow(long order, String claimant) {
        return "wait " + network + " " + HexFormat.of().toHexDigits(order) + " " + claimant;
    }

    private String lengthsRow(IpFamily family) {
        return "lengths " + network + " " + family;
    }

    private String heldRow(Cidr range) {
        return heldRow(range.family(), range.address(), range.length());
    }

    /** Sorts by address, then by length. */
    private String heldRow(IpFamily family, java.math.BigInteger address, int length) {
        String digits = Integer.toString(length);
        return "held "
                + network
                + " "
                + family
                + " "
                + hex(address)
                + " "
                + "0".repeat(3 - digits.length())
                + digits;
    }

    private String lastRow(Cidr range) {
        return heldRow(range.family(), range.last(), range.family().bits());
    }

    private static String hex(java.math.BigInteger address) {
        String digits = address.toString(16);
        return "0".repeat(32 - digits.length()) + digits;
    }

    private Cidr fromHeldRow(String row) {
        String[] parts = row.substring(("held " + network + " ").length()).split(" ", -1);
        return new Cidr(
                IpFamily.valueOf(parts[0]),
                new java.math.BigInteger(parts[1], 16),
                Integer.parseInt(parts[2]));
    }
}
