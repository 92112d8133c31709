package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A journal that an allocator can be restored from, kept in maps. */
final class AddressRows implements AddressJournal {

    record Rest(String pool, Instant until) {}

    final Map<String, AddressEntry> claims = new TreeMap<>();
    private final Map<BigInteger, Rest> rests = new HashMap<>();
    private final Map<Cidr, BigInteger> cursors = new HashMap<>();
    private final Map<String, AddressPoolRow> pools = new TreeMap<>();

    /** Who has what, what rests, and where the search goes on: all but the places in the queue. */
    record Allocation(
            Map<String, String> claims,
            Map<BigInteger, Rest> rests,
            Map<Cidr, BigInteger> cursors) {}

    Allocation allocation() {
        var held = new TreeMap<String, String>();
        claims.forEach((id, e) ->
                held.put(
                        id, "%s %s %s %s".formatted(e.claim(), e.address(), e.pool(), e.reason())));
        return new Allocation(held, Map.copyOf(rests), Map.copyOf(cursors));
    }

    @Override
    public void claim(AddressEntry entry) {
        claims.put(entry.claim().id(), entry);
    }

    @Override
    public void ended(AddressEntry entry) {
        claims.remove(entry.claim().id());
    }

    @Override
    public void rests(BigInteger address, String pool, Instant until) {
        rests.put(address, new Rest(pool, until));
    }

    @Override
    public void rested(BigInteger address) {
        rests.remove(address);
    }

    @Override
    public void cursor(Cidr range, BigInteger next) {
        cursors.put(range, next);
    }

    @Override
    public void pool(AddressPoolRow pool) {
        pools.put(pool.setup().name(), pool);
    }

    @Override
    public void poolGone(String name) {
        pools.remove(name);
    }

    AddressAllocator restore(IpFamily family, Duration quarantine) {
        var allocator = new AddressAllocator(family, quarantine, this);
        pools.values().forEach(allocator::restore);
        claims.values().forEach(allocator::restore);
        rests.forEach((address, rest) -> allocator.restore(address, rest.pool(), rest.until()));
        cursors.forEach(allocator::restoreCursor);
        allocator.restored();
        return allocator;
    }
}
