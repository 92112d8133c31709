package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.vipnat.allocation.AddressClaim;
import dev.openkcm.networking.vipnat.allocation.AddressEntry;
import dev.openkcm.networking.vipnat.allocation.AddressPoolRow;
import dev.openkcm.networking.vipnat.allocation.AddressPoolSetup;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the rows of the allocator of public addresses look: fields in text, apart by tabs. */
final class AllocationRows {

    private AllocationRows() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static BigInteger number(String text) {
        return new BigInteger(text);
    }

    private static String orNone(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static @Nullable String orNull(String value) {
        return value.isEmpty() ? null : value;
    }

    static byte[] toBytes(AddressEntry entry) {
        var claim = entry.claim();
        return bytes(
                String.join(
                        "\t",
                        claim.uid(),
                        Long.toString(claim.sequence()),
                        orNone(claim.asked()),
                        Long.toString(entry.order()),
                        orNone(entry.address()),
                        orNone(entry.pool()),
                        orNone(entry.reason())));
    }

    static AddressEntry entry(String id, byte[] bytes) {
        String[] parts = text(bytes).split("\t", -1);
        return new AddressEntry(
                new AddressClaim(id, parts[0], Long.parseLong(parts[1]), orNull(parts[2])),
                Long.parseLong(parts[3]),
                orNull(parts[4]),
                orNull(parts[5]),
                parts[6].isEmpty() ? null : AddressEntry.Reason.valueOf(parts[6]));
    }

    static byte[] resting(String pool, Instant until) {
        return bytes(until.toEpochMilli() + "\t" + pool);
    }

    static String restingPool(byte[] bytes) {
        return text(bytes).split("\t", -1)[1];
    }

    static Instant restingUntil(byte[] bytes) {
        return Instant.ofEpochMilli(Long.parseLong(text(bytes).split("\t", -1)[0]));
    }

    static byte[] toBytes(AddressPoolRow pool) {
        var setup = pool.setup();
        return bytes(
                String.join(
                        "\t",
                        setup.name(),
                        setup.uid(),
                        Boolean.toString(setup.deleting()),
                        joined(setup.cidrs()),
                        Boolean.toString(pool.present()),
                        Long.toString(pool.arrival()),
                        joined(pool.active()),
                        joined(pool.draining())));
    }

    static AddressPoolRow pool(byte[] bytes) {
        String[] parts = text(bytes).split("\t", -1);
        return new AddressPoolRow(
                new AddressPoolSetup(
                        parts[0], parts[1], Boolean.parseBoolean(parts[2]), cidrs(parts[3])),
                Boolean.parseBoolean(parts[4]),
                Long.parseLong(parts[5]),
                cidrs(parts[6]),
                cidrs(parts[7]));
    }

    private static String joined(List<Cidr> cidrs) {
        return String.join(",", cidrs.stream().map(AddressClerk::cidr).toList());
    }

    private static List<Cidr> cidrs(String joined) {
        return joined.isEmpty()
                ? List.of()
                : List.of(joined.split(",", -1)).stream()
                        .map(c -> Cidr.parse(c).orElseThrow())
                        .toList();
    }
}
