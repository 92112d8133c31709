package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.allocation.AddressEntry.Reason;
import dev.openkcm.networking.vipnat.domain.addresspool.Utilisation;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The one who gives the public addresses of a family.
 *
 * <p>Next fit: the pools are tried in the order of their names, their ranges in the order in which
 * they are listed, and within a range the search goes on behind the address given last. An address
 * that is given up rests before it is given again. Claims that found nothing are served in the
 * order in which they came. What a claim costs does not depend on how large the pools are, and
 * grows with the logarithm of what is held.
 */
public final class AddressAllocator {

    /** An address that rests. */
    private record Rest(Instant until, BigInteger address, String pool) {}

    /** A range that addresses are given from. */
    private static final class Range {
        final Cidr cidr;
        final Pool pool;
        BigInteger cursor;

        Range(Cidr cidr, Pool pool) {
            this.cidr = cidr;
            this.pool = pool;
            this.cursor = cidr.address();
        }
    }

    /** What is left of a range that was removed. */
    private static final class Remainder {
        long held;
        long resting;
    }

    private static final class Pool {
        AddressPoolSetup setup;
        boolean present = true;
        final long arrival;
        final Map<Cidr, Range> active = new LinkedHashMap<>();
        final Map<Cidr, Remainder> draining = new LinkedHashMap<>();
        long held;
        long resting;

        Pool(AddressPoolSetup setup, long arrival) {
            this.setup = setup;
            this.arrival = arrival;
        }

        /** The removed range that an address outside of all ranges in use belongs to. */
        @Nullable Cidr remainderOf(BigInteger address) {
            if (draining.isEmpty() || contains(active.keySet(), address) != null) {
                return null;
            }
            return contains(draining.keySet(), address);
        }

        private static @Nullable Cidr contains(Collection<Cidr> ranges, BigInteger address) {
            for (Cidr range : ranges) {
                if (range.address().compareTo(address) <= 0
                        && range.last().compareTo(address) >= 0) {
                    return range;
                }
            }
            return null;
        }

        AddressPoolRow row() {
            return new AddressPoolRow(
                    setup,
                    present,
                    arrival,
                    List.copyOf(active.keySet()),
                    List.copyOf(draining.keySet()));
        }
    }

    private final IpFamily family;
    private final Duration quarantine;
    private final AddressJournal journal;
    private final NavigableMap<String, Pool> pools = new TreeMap<>();
    private final TreeMap<BigInteger, Range> ranges = new TreeMap<>();
    private final IntervalSet taken = new IntervalSet();
    private final Map<String, AddressEntry> entries = new HashMap<>();
    private final TreeMap<Long, String> waiting = new TreeMap<>();
    private final Map<BigInteger, TreeMap<Long, String>> waitingFor = new HashMap<>();
    private final TreeSet<Rest> rests =
            new TreeSet<>(Comparator.comparing(Rest::until).thenComparing(Rest::address));
    private final TreeSet<String> changed = new TreeSet<>();
    private long nextOrder;
    private long nextArrival;

    public AddressAllocator(IpFamily family, Duration quarantine, AddressJournal journal) {
        this.family = family;
        this.quarantine = quarantine;
        this.journal = journal;
    }

    /** Gives an address to the claim, or lets it wait. The same claim again changes nothing. */
    public void claim(AddressClaim claim, Instant now) {
        tick(now);
        var before = entries.get(claim.id());
        if (before != null && before.claim().uid().equals(claim.uid())) {
            if (claim.sequence() <= before.claim().sequence()) {
                if (claim.equals(before.claim())) {
                    journal.claim(before); // Asked again: answered again.
                }
                return;
            }
            if (sameWish(before, claim)) {
                keep(before.with(claim));
                return;
            }
        }
        if (before != null) {
            end(before, now);
        }
        settle(claim, nextOrder++);
        tick(now);
    }

    private static boolean sameWish(AddressEntry before, AddressClaim claim) {
        String asked = claim.asked();
        return asked == null
                ? before.claim().asked() == null
                : asked.equals(before.claim().asked());
    }

    /** Takes the address back. A claim that is not known has ended already. */
    public void release(AddressClaim claim, Instant now) {
        var before = entries.get(claim.id());
        if (before != null
                && before.claim().uid().equals(claim.uid())
                && claim.sequence() >= before.claim().sequence()) {
            end(before, now);
        }
        tick(now);
    }

    private void end(AddressEntry entry, Instant now) {
        entries.remove(entry.claim().id());
        var address = number(entry.address());
        if (address == null) {
            stopWaiting(entry);
        } else {
            var pool = pool(entry.pool());
            pool.held--;
            pool.resting++;
            count(pool, address, -1, 1);
            var rest = new Rest(now.plus(quarantine), address, pool.setup.name());
            rests.add(rest);
            journal.rests(address, rest.pool(), rest.until());
            changed.add(rest.pool());
        }
        journal.ended(entry);
    }

    private void stopWaiting(AddressEntry entry) {
        var asked = number(entry.claim().asked());
        if (asked == null) {
            waiting.remove(entry.order());
        } else {
            var queue = waitingFor.get(asked);
            if (queue != null) {
                queue.remove(entry.order());
                if (queue.isEmpty()) {
                    waitingFor.remove(asked);
                }
            }
        }
        changed.addAll(pools.keySet());
    }

    /** Ends the quarantines that are over, and gives what they set free to whoever waits. */
    public void tick(Instant now) {
        while (!rests.isEmpty() && !rests.first().until().isAfter(now)) {
            var rest = rests.removeFirst();
            taken.remove(rest.address());
            var pool = pool(rest.pool());
            pool.resting--;
            journal.rested(rest.address());
            changed.add(rest.pool());
            if (count(pool, rest.address(), 0, -1)) {
                replan();
            } else {
                serve(rest.address());
            }
        }
    }

    /** An address became free: of all whom it would help, whoever came first gets it. */
    private void serve(BigInteger address) {
        var range = rangeOf(address);
        if (range == null) {
            return;
        }
        var queue = waitingFor.get(address);
        Long asking = queue == null ? null : queue.firstKey();
        Long any = waiting.isEmpty() ? null : waiting.firstKey();
        if (queue != null && asking != null && (any == null || asking < any)) {
            give(entry(queue.get(asking)), address, range);
        } else if (any != null) {
            give(entry(waiting.get(any)), address, range);
        }
    }

    /** Serves whomever the ranges of now can help, in the order in which they came. */
    private void serveAll() {
        var everybody = new TreeMap<>(waiting);
        waitingFor.values().forEach(everybody::putAll);
        for (String id : everybody.values()) {
            var entry = entry(id);
            stopWaiting(entry);
            settle(entry.claim(), entry.order(), entry);
        }
    }

    private void settle(AddressClaim claim, long order) {
        settle(claim, order, null);
    }

    /** The earlier entry, if any, is only told to the journal again when it is another one now. */
    private void settle(AddressClaim claim, long order, @Nullable AddressEntry before) {
        var asked = number(claim.asked());
        if (asked == null) {
            var free = nextFree();
            if (free != null) {
                give(new AddressEntry(claim, order, null, null, null), free.address, free.range);
                return;
            }
            waiting.put(order, claim.id());
            await(new AddressEntry(claim, order, null, null, Reason.AddressesExhausted), before);
            return;
        }
        var range = rangeOf(asked);
        if (range != null && !taken.contains(asked)) {
            give(new AddressEntry(claim, order, null, null, null), asked, range);
            return;
        }
        waitingFor.computeIfAbsent(asked, _ -> new TreeMap<>()).put(order, claim.id());
        var reason = range == null ? Reason.AddressNotInPool : Reason.AddressInUse;
        await(new AddressEntry(claim, order, null, null, reason), before);
    }

    private void await(AddressEntry entry, @Nullable AddressEntry before) {
        changed.addAll(pools.keySet());
        if (entry.equals(before)) {
            entries.put(entry.claim().id(), entry);
        } else {
            keep(entry);
        }
    }

    private void give(AddressEntry entry, BigInteger address, Range range) {
        if (entry.reason() != null) {
            stopWaiting(entry);
        }
        taken.add(address);
        range.pool.held++;
        changed.add(range.pool.setup.name());
        if (entry.claim().asked() == null) {
            range.cursor =
                    address.equals(range.cidr.last())
                            ? range.cidr.address()
                            : address.add(BigInteger.ONE);
            journal.cursor(range.cidr, range.cursor);
        }
        keep(
                new AddressEntry(
                        entry.claim(),
                        entry.order(),
                        text(address),
                        range.pool.setup.name(),
                        null));
    }

    private void keep(AddressEntry entry) {
        entries.put(entry.claim().id(), entry);
        journal.claim(entry);
    }

    private record Free(BigInteger address, Range range) {}

    private @Nullable Free nextFree() {
        for (Pool pool : pools.values()) {
            for (Cidr cidr : pool.setup.cidrs()) {
                var range = pool.active.get(cidr);
                if (range != null) {
                    var address = taken.firstMissing(range.cursor, cidr.last());
                    if (address == null) {
                        address = taken.firstMissing(cidr.address(), cidr.last());
                    }
                    if (address != null) {
                        return new Free(address, range);
                    }
                }
            }
        }
        return null;
    }

    /** Takes over what a pool is wished to be. */
    public void pool(AddressPoolSetup setup, Instant now) {
        tick(now);
        var pool = pools.get(setup.name());
        if (pool == null) {
            pool = new Pool(setup, nextArrival++);
            pools.put(setup.name(), pool);
        }
        pool.setup = setup;
        pool.present = true;
        apply(pool);
    }

    /** The pool is gone, but for addresses that rest. */
    public void poolGone(String name, Instant now) {
        tick(now);
        var pool = pools.get(name);
        if (pool != null) {
            pool.present = false;
            pool.setup = new AddressPoolSetup(name, pool.setup.uid(), true, List.of());
            apply(pool);
        }
    }

    private void apply(Pool pool) {
        var wanted = wanted(pool);
        for (Cidr cidr : List.copyOf(pool.active.keySet())) {
            if (!wanted.contains(cidr)) {
                pool.active.remove(cidr);
                ranges.remove(cidr.address());
                pool.draining.put(cidr, new Remainder());
            }
        }
        wanted.forEach(pool.draining::remove);
        recount(pool);
        journal.pool(pool.row());
        replan();
    }

    private static List<Cidr> wanted(Pool pool) {
        return pool.setup.deleting() ? List.of() : pool.setup.cidrs();
    }

    /**
     * Brings ranges into use that nothing stands against any more, the oldest pools first, and
     * forgets pools of which nothing is left.
     */
    private void replan() {
        var byArrival = new ArrayList<>(pools.values());
        byArrival.sort(Comparator.comparingLong(p -> p.arrival));
        for (Pool pool : byArrival) {
            boolean news = false;
            for (Cidr cidr : wanted(pool)) {
                if (!pool.active.containsKey(cidr) && conflict(pool, cidr).isEmpty()) {
                    var range = new Range(cidr, pool);
                    pool.active.put(cidr, range);
                    ranges.put(cidr.address(), range);
                    journal.cursor(cidr, range.cursor);
                    news = true;
                }
            }
            if (news) {
                recount(pool);
                journal.pool(pool.row());
            }
            if (!pool.present && pool.draining.isEmpty()) {
                pools.remove(pool.setup.name());
                journal.poolGone(pool.setup.name());
            }
        }
        changed.addAll(pools.keySet());
        serveAll();
    }

    /** What of another pool the range overlaps. */
    private Optional<Utilisation.Conflict> conflict(Pool pool, Cidr cidr) {
        for (Pool other : pools.values()) {
            if (other != pool) {
                var against = new ArrayList<>(other.active.keySet());
                against.addAll(other.draining.keySet());
                for (Cidr range : against) {
                    if (range.overlaps(cidr)) {
                        return Optional.of(
                                new Utilisation.Conflict(
                                        cidr.text(), other.setup.name(), range.text()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Counts anew what belongs to removed ranges; those of which nothing is left are forgotten.
     * This looks at every claim, so that claims need not be found by address: ranges are removed
     * seldom.
     */
    private void recount(Pool pool) {
        if (pool.draining.isEmpty()) {
            return;
        }
        pool.draining.replaceAll((_, _) -> new Remainder());
        for (AddressEntry entry : entries.values()) {
            var address = number(entry.address());
            if (address != null && pool.setup.name().equals(entry.pool())) {
                count(pool, address);
            }
        }
        for (Rest rest : rests) {
            if (rest.pool().equals(pool.setup.name())) {
                countRest(pool, rest.address());
            }
        }
        pool.draining.values().removeIf(r -> r.held == 0 && r.resting == 0);
    }

    private static Remainder remainder(Pool pool, Cidr range) {
        return pool.draining.computeIfAbsent(range, _ -> new Remainder());
    }

    /** Notes a change in a removed range; returns whether nothing is left of it. */
    private boolean count(Pool pool, BigInteger address, int held, int rest) {
        var range = pool.remainderOf(address);
        if (range == null) {
            return false;
        }
        var remainder = remainder(pool, range);
        remainder.held += held;
        remainder.resting += rest;
        if (remainder.held == 0 && remainder.resting == 0) {
            pool.draining.remove(range);
            journal.pool(pool.row());
            return true;
        }
        return false;
    }

    private @Nullable Range rangeOf(BigInteger address) {
        var range = ranges.floorEntry(address);
        return range != null && range.getValue().cidr.last().compareTo(address) >= 0
                ? range.getValue()
                : null;
    }

    /** The pools whose use changed since this was asked last. */
    public List<String> changedPools() {
        var names = changed.stream().filter(pools::containsKey).toList();
        changed.clear();
        return names;
    }

    /** A pool as it is wished, while it is there. */
    public Optional<AddressPoolSetup> setup(String name) {
        return Optional.ofNullable(pools.get(name)).filter(p -> p.present).map(p -> p.setup);
    }

    /** How a pool is used; every figure follows from what is held and what rests. */
    public Utilisation utilisation(String name) {
        var pool = pool(name);
        var total = BigInteger.ZERO;
        for (Cidr range : pool.active.keySet()) {
            total = total.add(range.last().subtract(range.address()).add(BigInteger.ONE));
        }
        var draining = new ArrayList<Utilisation.Draining>();
        long strays = 0;
        for (var range : pool.draining.entrySet()) {
            var left = range.getValue();
            strays += left.held + left.resting;
            draining.add(new Utilisation.Draining(range.getKey().text(), left.held, left.resting));
        }
        var conflicts = new ArrayList<Utilisation.Conflict>();
        for (Cidr cidr : wanted(pool)) {
            if (!pool.active.containsKey(cidr)) {
                conflict(pool, cidr).ifPresent(conflicts::add);
            }
        }
        var used = BigInteger.valueOf(pool.held + pool.resting - strays);
        long waits = waiting.size() + waitingFor.values().stream().mapToLong(TreeMap::size).sum();
        return new Utilisation(
                total, pool.held, pool.resting, total.subtract(used), draining, conflicts, waits);
    }

    /** How the claim stands. */
    public Optional<AddressEntry> entry(AddressClaim claim) {
        return Optional.ofNullable(entries.get(claim.id()));
    }

    private AddressEntry entry(@Nullable String id) {
        var entry = id == null ? null : entries.get(id);
        if (entry == null) {
            throw new IllegalStateException("there is no claim " + id);
        }
        return entry;
    }

    private Pool pool(@Nullable String name) {
        var pool = name == null ? null : pools.get(name);
        if (pool == null) {
            throw new IllegalStateException("there is no pool " + name);
        }
        return pool;
    }

    private @Nullable BigInteger number(@Nullable String address) {
        return address == null
                ? null
                : Cidr.parseAddress(address)
                        .filter(a -> a.family() == family)
                        .map(Cidr::address)
                        .orElseGet(() -> BigInteger.ONE.negate()); // In no pool, ever.
    }

    private String text(BigInteger address) {
        return new Cidr(family, address, family.bits()).text();
    }

    // Restoring: pools first, then claims and rests in any order, then cursors.

    public void restore(AddressPoolRow row) {
        var pool = new Pool(row.setup(), row.arrival());
        pool.present = row.present();
        for (Cidr cidr : row.active()) {
            var range = new Range(cidr, pool);
            pool.active.put(cidr, range);
            ranges.put(cidr.address(), range);
        }
        row.draining().forEach(cidr -> pool.draining.put(cidr, new Remainder()));
        pools.put(row.setup().name(), pool);
        nextArrival = Math.max(nextArrival, row.arrival() + 1);
    }

    public void restore(AddressEntry entry) {
        entries.put(entry.claim().id(), entry);
        nextOrder = Math.max(nextOrder, entry.order() + 1);
        var address = number(entry.address());
        var asked = number(entry.claim().asked());
        if (address != null) {
            taken.add(address);
            var pool = pool(entry.pool());
            pool.held++;
            count(pool, address);
        } else if (asked == null) {
            waiting.put(entry.order(), entry.claim().id());
        } else {
            waitingFor
                    .computeIfAbsent(asked, _ -> new TreeMap<>())
                    .put(entry.order(), entry.claim().id());
        }
    }

    private static void count(Pool pool, BigInteger address) {
        var range = pool.remainderOf(address);
        if (range != null) {
            remainder(pool, range).held++;
        }
    }

    public void restore(BigInteger address, String pool, Instant until) {
        var rest = new Rest(until, address, pool);
        taken.add(address);
        rests.add(rest);
        pool(pool).resting++;
        countRest(pool(pool), address);
    }

    private static void countRest(Pool pool, BigInteger address) {
        var range = pool.remainderOf(address);
        if (range != null) {
            remainder(pool, range).resting++;
        }
    }

    public void restoreCursor(Cidr cidr, BigInteger next) {
        var range = ranges.get(cidr.address());
        if (range != null && range.cidr.equals(cidr)) {
            range.cursor = next;
        }
    }

    /** The end of restoring: everything is reported once more. */
    public void restored() {
        changed.addAll(pools.keySet());
    }
}
