package dev.openkcm.networking.vipnat.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.allocation.AddressEntry.Reason;
import dev.openkcm.networking.vipnat.domain.addresspool.Utilisation;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The allocator of public addresses")
class AddressAllocatorTest {

    private static final Duration QUARANTINE = Duration.ofMinutes(10);

    private final AddressRows rows = new AddressRows();
    private AddressAllocator allocator = new AddressAllocator(IpFamily.IPv4, QUARANTINE, rows);
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long sequence;

    private static AddressPoolSetup setup(String name, String... cidrs) {
        return new AddressPoolSetup(
                name,
                "uid-" + name,
                false,
                List.of(cidrs).stream().map(c -> Cidr.parse(c).orElseThrow()).toList());
    }

    private static AddressClaim claim(String name, long sequence, String asked) {
        return new AddressClaim("VirtualIP/default/" + name + "/address", name, sequence, asked);
    }

    private void pool(String name, String... cidrs) {
        allocator.pool(setup(name, cidrs), now);
    }

    private String claim(String name) {
        return claim(name, (String) null);
    }

    private String claim(String name, String asked) {
        allocator.claim(claim(name, ++sequence, asked), now);
        return held(name);
    }

    private String held(String name) {
        return rows.claims.get("VirtualIP/default/" + name + "/address").address();
    }

    private Reason reason(String name) {
        return rows.claims.get("VirtualIP/default/" + name + "/address").reason();
    }

    private void release(String name) {
        allocator.release(claim(name, ++sequence, null), now);
    }

    private void pass(Duration time) {
        now = now.plus(time);
        allocator.tick(now);
    }

    @Test
    void usesEveryAddressOfARangeAndThenTheNextPool() {
        pool("b", "198.51.100.0/31");
        pool("a", "203.0.113.0/30");
        assertThat(List.of(claim("1"), claim("2"), claim("3"), claim("4"), claim("5"), claim("6")))
                .containsExactly(
                        "203.0.113.0",
                        "203.0.113.1",
                        "203.0.113.2",
                        "203.0.113.3",
                        "198.51.100.0",
                        "198.51.100.1");
    }

    @Test
    void goesOnBehindTheAddressGivenLast() {
        pool("a", "203.0.113.0/30");
        claim("1");
        claim("2");
        release("1");
        pass(QUARANTINE);
        assertThat(claim("3")).isEqualTo("203.0.113.2");
        assertThat(claim("4")).isEqualTo("203.0.113.3");
        assertThat(claim("5")).isEqualTo("203.0.113.0");
    }

    @Test
    void letsAnAddressRestBeforeAnotherGetsIt() {
        pool("a", "203.0.113.0/32");
        claim("1");
        release("1");
        assertThat(claim("2")).isNull();
        assertThat(reason("2")).isEqualTo(Reason.AddressesExhausted);
        pass(QUARANTINE.minusMillis(1));
        assertThat(held("2")).isNull();
        pass(Duration.ofMillis(1));
        assertThat(held("2")).isEqualTo("203.0.113.0");
    }

    @Test
    void servesWhoeverCameFirstWhetherAnyWillDoOrNot() {
        pool("a", "203.0.113.0/31");
        claim("1");
        claim("2");
        claim("3", "203.0.113.1");
        claim("4");
        claim("5", "203.0.113.0");
        assertThat(reason("3")).isEqualTo(Reason.AddressInUse);
        release("1");
        release("2");
        pass(QUARANTINE);
        assertThat(held("3")).isEqualTo("203.0.113.1");
        assertThat(held("4")).isEqualTo("203.0.113.0");
        assertThat(held("5")).isNull();
    }

    @Test
    void givesTheAddressAskedForWhenItComesIntoAPool() {
        pool("a", "203.0.113.0/31");
        assertThat(claim("1", "198.51.100.7")).isNull();
        assertThat(reason("1")).isEqualTo(Reason.AddressNotInPool);
        pool("b", "198.51.100.0/24");
        assertThat(held("1")).isEqualTo("198.51.100.7");
    }

    @Test
    void isNotConfusedByAClaimThatIsMadeAgain() {
        pool("a", "203.0.113.0/30");
        var same = claim("1", 1, null);
        allocator.claim(same, now);
        allocator.claim(same, now);
        assertThat(held("1")).isEqualTo("203.0.113.0");
        assertThat(claim("2")).isEqualTo("203.0.113.1");
        allocator.release(claim("1", 5, null), now);
        allocator.release(claim("1", 5, null), now);
        assertThat(allocator.utilisation("a").quarantined()).isEqualTo(1);
        allocator.release(claim("2", 0, null), now);
        assertThat(held("2")).as("an older release than the claim").isEqualTo("203.0.113.1");
    }

    @Test
    void giveWhoIsCreatedAgainAnAddressOfItsOwn() {
        pool("a", "203.0.113.0/30");
        claim("1");
        allocator.claim(
                new AddressClaim("VirtualIP/default/1/address", "another-uid", 1, null), now);
        assertThat(held("1")).isEqualTo("203.0.113.1");
        assertThat(allocator.utilisation("a").quarantined()).isEqualTo(1);
    }

    @Test
    void drainsARangeThatIsRemoved() {
        pool("a", "203.0.113.0/31", "198.51.100.0/31");
        claim("1");
        claim("2");
        claim("3");
        pool("a", "198.51.100.0/31");
        var use = allocator.utilisation("a");
        assertThat(use.total()).isEqualTo(2);
        assertThat(use.allocated()).isEqualTo(3);
        assertThat(use.free()).isEqualTo(1);
        assertThat(use.draining())
                .singleElement()
                .satisfies(d -> {
                    assertThat(d.cidr()).isEqualTo("203.0.113.0/31");
                    assertThat(d.allocated()).isEqualTo(2);
                });
        assertThat(held("1")).as("live ones stay").isEqualTo("203.0.113.0");
        release("1");
        release("2");
        pass(QUARANTINE);
        assertThat(allocator.utilisation("a").draining()).isEmpty();
        assertThat(claim("4")).isEqualTo("198.51.100.1");
        assertThat(claim("5")).isNull();
    }

    @Test
    void growsARangeInPlace() {
        pool("a", "203.0.113.0/31");
        claim("1");
        claim("2");
        claim("3");
        pool("a", "203.0.113.0/30");
        var use = allocator.utilisation("a");
        assertThat(held("3")).isEqualTo("203.0.113.2");
        assertThat(use.draining()).isEmpty();
        assertThat(use.allocated()).isEqualTo(3);
        assertThat(use.free()).isEqualTo(1);
    }

    @Test
    void leavesOutARangeThatAnotherPoolHasUntilItIsGone() {
        pool("b", "203.0.113.0/30");
        pool("a", "203.0.113.0/29");
        assertThat(allocator.utilisation("a").total()).isZero();
        assertThat(allocator.utilisation("a").conflicts())
                .singleElement()
                .satisfies(c -> assertThat(c.pool()).isEqualTo("b"));
        claim("1");
        release("1");
        allocator.poolGone("b", now);
        assertThat(claim("2")).as("an address of b still rests").isNull();
        pass(QUARANTINE);
        assertThat(held("2")).isEqualTo("203.0.113.0");
        assertThat(allocator.utilisation("a").total()).isEqualTo(8);
    }

    @Test
    void countsALargePoolExactly() {
        allocator = new AddressAllocator(IpFamily.IPv6, QUARANTINE, rows);
        pool("six", "2001:db8:100::/64");
        assertThat(claim("1")).isEqualTo("2001:db8:100::");
        assertThat(claim("2")).isEqualTo("2001:db8:100::1");
        assertThat(allocator.utilisation("six").free())
                .isEqualTo(BigInteger.TWO.pow(64).subtract(BigInteger.TWO));
    }

    /** The same rules, by trying every address and every waiter each time. */
    private static final class Reference {

        private record Wish(String name, String uid, String asked, long order) {}

        private record Taken(BigInteger address, String pool) {}

        private final Map<String, List<Cidr>> pools = new TreeMap<>();
        private final Map<String, Set<Cidr>> removed = new TreeMap<>();
        private final Map<Cidr, BigInteger> cursors = new LinkedHashMap<>();
        private final Map<String, Wish> wishes = new TreeMap<>();
        private final Map<String, Taken> held = new TreeMap<>();
        private final Map<Taken, Instant> resting = new HashMap<>();
        private long order;

        void pool(String name, List<Cidr> cidrs) {
            var before = pools.getOrDefault(name, List.of());
            for (Cidr cidr : cidrs) {
                if (!before.contains(cidr)) {
                    cursors.put(cidr, cidr.address());
                }
            }
            var gone = removed.computeIfAbsent(name, _ -> new LinkedHashSet<>());
            gone.addAll(before);
            gone.removeAll(cidrs);
            pools.put(name, cidrs);
            serve();
        }

        void claim(String name, String uid, String asked, Instant until) {
            var wish = wishes.get(name);
            if (wish != null && !wish.uid.equals(uid)) {
                release(name, until);
                wish = null;
            }
            if (wish == null) {
                wishes.put(name, new Wish(name, uid, asked, order++));
            }
            serve();
        }

        void release(String name, Instant until) {
            wishes.remove(name);
            var address = held.remove(name);
            if (address != null) {
                resting.put(address, until);
            }
        }

        void tick(Instant now) {
            // One by one, in the order in which their rest ends.
            while (true) {
                var over =
                        resting.entrySet().stream()
                                .filter(r -> !r.getValue().isAfter(now))
                                .min(Map.Entry.comparingByValue());
                if (over.isEmpty()) {
                    return;
                }
                resting.remove(over.get().getKey());
                serve();
            }
        }

        private void serve() {
            var waiting = new ArrayList<>(wishes.values());
            waiting.sort((a, b) -> Long.compare(a.order, b.order));
            for (Wish wish : waiting) {
                if (!held.containsKey(wish.name)) {
                    var address = wish.asked == null ? next() : asked(wish.asked);
                    if (address != null) {
                        held.put(wish.name, address);
                    }
                }
            }
        }

        private Stream<Taken> taken() {
            return Stream.concat(held.values().stream(), resting.keySet().stream());
        }

        private boolean free(BigInteger address) {
            return taken().noneMatch(t -> t.address.equals(address));
        }

        private Taken asked(String text) {
            var address = Cidr.parseAddress(text).orElseThrow();
            return pools.entrySet().stream()
                    .filter(p -> p.getValue().stream().anyMatch(c -> c.contains(address)))
                    .filter(_ -> free(address.address()))
                    .map(p -> new Taken(address.address(), p.getKey()))
                    .findFirst()
                    .orElse(null);
        }

        private Taken next() {
            for (var pool : pools.entrySet()) {
                for (Cidr cidr : pool.getValue()) {
                    var address = cursors.get(cidr);
                    do {
                        var after =
                                address.equals(cidr.last())
                                        ? cidr.address()
                                        : address.add(BigInteger.ONE);
                        if (free(address)) {
                            cursors.put(cidr, after);
                            return new Taken(address, pool.getKey());
                        }
                        address = after;
                    } while (!address.equals(cursors.get(cidr)));
                }
            }
            return null;
        }

        /** How the pool is used, counted address by address. */
        Utilisation utilisation(String pool) {
            var active = pools.get(pool);
            var total = BigInteger.ZERO;
            for (Cidr cidr : active) {
                total = total.add(size(cidr));
            }
            var used = taken().filter(t -> active.stream().anyMatch(c -> in(c, t))).count();
            var draining = new ArrayList<Utilisation.Draining>();
            for (Cidr cidr : removed.get(pool)) {
                long holds = held.values().stream().filter(t -> in(cidr, t)).count();
                long rests = resting.keySet().stream().filter(t -> in(cidr, t)).count();
                if (holds + rests > 0) {
                    draining.add(new Utilisation.Draining(cidr.text(), holds, rests));
                }
            }
            return new Utilisation(
                    total,
                    held.values().stream().filter(t -> t.pool.equals(pool)).count(),
                    resting.keySet().stream().filter(t -> t.pool.equals(pool)).count(),
                    total.subtract(BigInteger.valueOf(used)),
                    draining,
                    List.of(),
                    wishes.size() - held.size());
        }

        private static BigInteger size(Cidr cidr) {
            return cidr.last().subtract(cidr.address()).add(BigInteger.ONE);
        }

        private static boolean in(Cidr cidr, Taken taken) {
            return cidr.address().compareTo(taken.address) <= 0
                    && cidr.last().compareTo(taken.address) >= 0;
        }
    }

    /** Ranges of two pools, and where the addresses lie that are asked for. */
    record Ground(IpFamily family, List<String> cidrs, String asked) {}

    private static final List<Ground> GROUNDS =
            List.of(
                    new Ground(
                            IpFamily.IPv4,
                            List.of(
                                    "203.0.113.0/30",
                                    "203.0.113.8/31",
                                    "198.51.100.4/30",
                                    "198.51.100.9/32"),
                            "203.0.113."),
                    new Ground(
                            IpFamily.IPv6,
                            List.of(
                                    "2001:db8::/126",
                                    "2001:db8::8/127",
                                    "2001:db8:1::4/126",
                                    "2001:db8:1::9/128"),
                            "2001:db8::"));

    static Stream<Arguments> histories() {
        return GROUNDS.stream()
                .flatMap(ground ->
                        LongStream.rangeClosed(1, 12).mapToObj(s -> Arguments.of(ground, s)));
    }

    /** Everything that the allocator was told, to tell it to another one. */
    private final List<Consumer<AddressAllocator>> told = new ArrayList<>();

    private void tell(Consumer<AddressAllocator> what) {
        told.add(what);
        what.accept(allocator);
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("histories")
    void anyHistoryIsTheOneOfTheReference(Ground ground, long seed) {
        var random = new Random(seed);
        var reference = new Reference();
        var uids = new HashMap<String, String>();
        allocator = new AddressAllocator(ground.family, QUARANTINE, rows);
        for (int step = 0; step < 1_500; step++) {
            now = now.plusMillis(1);
            var time = now;
            tell(a -> a.tick(time));
            reference.tick(time);
            String name = "c" + random.nextInt(20);
            switch (random.nextInt(12)) {
                case 0 -> {
                    // The ranges of two pools never overlap here: each has its own half.
                    int half = random.nextInt(2);
                    var cidrs = new ArrayList<>(ground.cidrs.subList(2 * half, 2 * half + 2));
                    if (random.nextBoolean()) {
                        cidrs.remove(random.nextInt(2));
                    }
                    var setup = setup("pool-" + half, cidrs.toArray(String[]::new));
                    tell(a -> a.pool(setup, time));
                    reference.pool(setup.name(), setup.cidrs());
                }
                case 1 -> {
                    if (random.nextInt(8) == 0) {
                        String pool = "pool-" + random.nextInt(2);
                        if (reference.pools.containsKey(pool)) {
                            tell(a -> a.poolGone(pool, time));
                            reference.pool(pool, List.of());
                        }
                    }
                }
                case 2, 3, 4 -> {
                    boolean another = random.nextInt(6) == 0 || !uids.containsKey(name);
                    if (another) {
                        uids.put(name, name + "-" + step);
                    }
                    if (another || !reference.wishes.containsKey(name)) {
                        String asked =
                                random.nextInt(4) == 0 ? ground.asked + random.nextInt(10) : null;
                        var claim = claimOf(name, uids.get(name), asked);
                        tell(a -> a.claim(claim, time));
                        reference.claim(name, claim.uid(), asked, time.plus(QUARANTINE));
                    }
                }
                case 5, 6, 7 -> {
                    if (uids.containsKey(name)) {
                        var claim = claimOf(name, uids.get(name), null);
                        tell(a -> a.release(claim, time));
                        reference.release(name, time.plus(QUARANTINE));
                    }
                }
                case 8 -> allocator = rows.restore(ground.family, QUARANTINE);
                default -> {
                    // Distinct times, so that no two rests end at once.
                    now = now.plusMillis(1 + random.nextInt(200_000));
                    var later = now;
                    tell(a -> a.tick(later));
                    reference.tick(later);
                }
            }
            agree(reference, step);
        }
        replayed(ground.family);
        wholeAgain(reference, uids);
    }

    private AddressClaim claimOf(String name, String uid, String asked) {
        return new AddressClaim("VirtualIP/default/" + name + "/address", uid, ++sequence, asked);
    }

    private void agree(Reference reference, int step) {
        var held = new TreeMap<String, BigInteger>();
        var expected = new TreeMap<String, BigInteger>();
        var seen = new HashSet<String>();
        for (var entry : rows.claims.values()) {
            if (entry.address() != null) {
                held.put(
                        entry.claim().id(),
                        Cidr.parseAddress(entry.address()).orElseThrow().address());
                assertThat(seen.add(entry.address())).as("one holder").isTrue();
                assertThat(entry.reason()).isNull();
            } else {
                assertThat(entry.reason()).as("held, or waiting with a reason").isNotNull();
            }
        }
        reference.held.forEach((name, taken) ->
                expected.put("VirtualIP/default/" + name + "/address", taken.address()));
        assertThat(held).as("step %d", step).isEqualTo(expected);
        assertThat(rows.claims).hasSameSizeAs(reference.wishes);
        for (String pool : reference.pools.keySet()) {
            if (allocator.setup(pool).isPresent()) {
                var use = allocator.utilisation(pool);
                var counted = reference.utilisation(pool);
                assertThat(Set.copyOf(use.draining())).isEqualTo(Set.copyOf(counted.draining()));
                assertThat(List.of(use.total(), use.free()))
                        .as("step %d", step)
                        .isEqualTo(List.of(counted.total(), counted.free()));
                assertThat(List.of(use.allocated(), use.quarantined(), use.waiting()))
                        .as("step %d", step)
                        .isEqualTo(
                                List.of(
                                        counted.allocated(),
                                        counted.quarantined(),
                                        counted.waiting()));
            }
        }
    }

    /** The same told to another allocator from the beginning, without the restarts in between. */
    private void replayed(IpFamily family) {
        var again = new AddressRows();
        var another = new AddressAllocator(family, QUARANTINE, again);
        told.forEach(what -> what.accept(another));
        assertThat(again.allocation()).isEqualTo(rows.allocation());
    }

    private void wholeAgain(Reference reference, Map<String, String> uids) {
        for (String name : List.copyOf(reference.wishes.keySet())) {
            allocator.release(claimOf(name, uids.get(name), null), now);
        }
        pass(QUARANTINE);
        for (String pool : reference.pools.keySet()) {
            if (allocator.setup(pool).isPresent()) {
                var use = allocator.utilisation(pool);
                assertThat(use.free()).isEqualTo(use.total());
                assertThat(use.draining()).isEmpty();
                assertThat(use.allocated() + use.quarantined() + use.waiting()).isZero();
            }
        }
    }
}
