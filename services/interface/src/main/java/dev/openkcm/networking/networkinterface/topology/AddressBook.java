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
 * <p>No two interfaces hold addresses that overlap. Whoever comes first holds; whoever finds
 * something held waits for exactly that and gets it, oldest first, when it is given up. A look-up
 * costs a get per length of range in use, and a scan of what lies inside where a range is wanted,
 * however many addresses there are.
 */
final class AddressBook {

    /** What an interface claims, and since when in the order of claims. */
    record Claim(long order, long generation, List<String> addresses) {

        byte[] toBytes() {
            return (order + " " + generation + " " + String.join(",", addresses))
                    .getBytes(StandardCharsets.UTF_8);
        }

        static @Nullable Claim fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 3);
            return new Claim(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    parts[2].isEmpty() ? List.of() : List.of(parts[2].split(",", -1)));
        }
    }

    private final KeyValueStore<String, byte[]> rows;
    private final String network;

    AddressBook(KeyValueStore<String, byte[]> rows, String network) {
        this.rows = rows;
        this.network = network;
    }

    @Nullable Claim claim(String nic) {
        return Claim.fromBytes(rows.get(claimRow(nic)));
    }

    /** All interfaces that claim something in the Network, or live in it without an address. */
    List<String> claimants() {
        var claimants = new ArrayList<String>();
        try (var claims = rows.range(claimRow(""), "claim " + network + "!")) {
            claims.forEachRemaining(c -> claimants.add(c.key.substring(claimRow("").length())));
        }
        return claimants;
    }

    /**
     * Replaces what an interface claims; returns the other interfaces that gained something by it.
     */
    List<String> replace(String nic, long generation, List<String> addresses) {
        var before = claim(nic);
        var released = new ArrayList<Cidr>();
        if (before != null) {
            rows.delete(waitRow(before.order(), nic));
            for (String address : before.addresses()) {
                if (!addresses.contains(address) && release(nic, parse(address))) {
                    released.add(parse(address));
                }
            }
        }
        var claim = new Claim(nextOrder(), generation, addresses);
        rows.put(claimRow(nic), claim.toBytes());
        hold(nic, claim);
        return serveWaiting(released);
    }

    /** Gives up everything; returns the other interfaces that gained something by it. */
    List<String> remove(String nic) {
        var claim = claim(nic);
        if (claim == null) {
            return List.of();
        }
        rows.delete(claimRow(nic));
        rows.delete(waitRow(claim.order(), nic));
        var released = new ArrayList<Cidr>();
        for (String address : claim.addresses()) {
            if (release(nic, parse(address))) {
                released.add(parse(address));
            }
        }
        return serveWaiting(released);
    }

    /** What an interface claims but somebody else holds. */
    List<AddressInUse> conflicts(String nic, Claim claim) {
        var conflicts = new ArrayList<AddressInUse>();
        for (String address : claim.addresses()) {
            heldByOther(nic, parse(address)).ifPresent(conflicts::add);
        }
        return conflicts;
    }

    /** Holds what nobody else does; returns whether that is more than before. */
    private boolean hold(String nic, Claim claim) {
        boolean gained = false;
        boolean waits = false;
        for (String address : claim.addresses()) {
            var range = parse(address);
            if (heldByOther(nic, range).isPresent()) {
                waits = true;
            } else if (rows.get(heldRow(range)) == null) {
                rows.put(heldRow(range), nic.getBytes(StandardCharsets.UTF_8));
                count(range, 1);
                gained = true;
            }
        }
        if (waits) {
            rows.put(waitRow(claim.order(), nic), new byte[0]);
        } else {
            rows.delete(waitRow(claim.order(), nic));
        }
        return gained;
    }

    private boolean release(String nic, Cidr range) {
        byte[] holder = rows.get(heldRow(range));
        if (holder == null || !text(holder).equals(nic)) {
            return false;
        }
        rows.delete(heldRow(range));
        count(range, -1);
        return true;
    }

    private List<String> serveWaiting(List<Cidr> released) {
        var gained = new ArrayList<String>();
        if (released.isEmpty()) {
            return gained;
        }
        var waiting = new ArrayList<String>();
        String prefix = "wait " + network + " ";
        try (var oldest = rows.range(prefix, "wait " + network + "!")) {
            oldest.forEachRemaining(w ->
                    waiting.add(w.key.substring(prefix.length() + "0123456789abcdef ".length())));
        }
        for (String nic : waiting) {
            var claim = claim(nic);
            boolean concerned =
                    claim != null
                            && claim.addresses().stream()
                                    .map(AddressBook::parse)
                                    .anyMatch(a -> released.stream().anyMatch(a::overlaps));
            if (claim != null && concerned && hold(nic, claim)) {
                gained.add(nic);
            }
        }
        return gained;
    }

    private Optional<AddressInUse> heldByOther(String nic, Cidr wanted) {
        for (int length : lengths(wanted.family()).headMap(wanted.length()).keySet()) {
            var around = wanted.truncate(length);
            byte[] holder = rows.get(heldRow(around));
            if (holder != null && !text(holder).equals(nic)) {
                return Optional.of(inUse(wanted, around, text(holder)));
            }
        }
        return wanted.isAddress() ? heldAlone(nic, wanted) : heldInside(nic, wanted);
    }

    /** Nothing but itself is inside an address. */
    private Optional<AddressInUse> heldAlone(String nic, Cidr wanted) {
        byte[] holder = rows.get(heldRow(wanted));
        return holder == null || text(holder).equals(nic)
                ? Optional.empty()
                : Optional.of(inUse(wanted, wanted, text(holder)));
    }

    private Optional<AddressInUse> heldInside(String nic, Cidr wanted) {
        try (var inside =
                rows.range(heldRow(wanted.family(), wanted.address(), 0), lastRow(wanted))) {
            while (inside.hasNext()) {
                var row = inside.next();
                var held = fromHeldRow(row.key);
                if (wanted.contains(held) && !text(row.value).equals(nic)) {
                    return Optional.of(inUse(wanted, held, text(row.value)));
                }
            }
        }
        return Optional.empty();
    }

    private static AddressInUse inUse(Cidr wanted, Cidr held, String holder) {
        String name = holder.substring(holder.indexOf('/') + 1);
        return new AddressInUse(wanted.text(), "NetworkInterface " + name, held.text());
    }

    private void count(Cidr range, int change) {
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

    /** The lengths of the ranges that are held, and how many of each. */
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

    private long nextOrder() {
        String row = "order " + network;
        byte[] bytes = rows.get(row);
        long order = bytes == null ? 0 : ByteBuffer.wrap(bytes).getLong() + 1;
        rows.put(row, ByteBuffer.allocate(Long.BYTES).putLong(order).array());
        return order;
    }

    private static Cidr parse(String address) {
        return (address.indexOf('/') < 0 ? Cidr.parseAddress(address) : Cidr.parse(address))
                .orElseThrow();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String claimRow(String nic) {
        return "claim " + network + " " + nic;
    }

    private String waitRow(long order, String nic) {
        return "wait " + network + " " + HexFormat.of().toHexDigits(order) + " " + nic;
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
