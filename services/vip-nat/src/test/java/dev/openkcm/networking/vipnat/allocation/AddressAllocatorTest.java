package dev.openkcm.networking.vipnat.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.allocation.AddressEntry.Reason;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

        private record Wish(String name, String asked, long order) {}

        private final Map<String, List<Cidr>> pools = new TreeMap<>();
        private final Map<Cidr, BigInteger> cursors = new LinkedHashMap<>();
        private final Map<String, Wish> wishes = new TreeMap<>();
        private final Map<String, BigInteger> held = new TreeMap<>();
        private final Map<BigInteger, Instant> resting = new TreeMap<>();
        private long order;

        void pool(String name, List<Cidr> cidrs) {
            var before = pools.getOrDefault(name, List.of());
            for (Cidr cidr : cidrs) {
                if (!before.contains(cidr)) {
                    cursors.put(cidr, cidr.address());
                }
            }
            pools.put(name, cidrs);
            serve();
        }

        void claim(String name, String asked) {
            wishes.putIfAbsent(name, new Wish(name, asked, order++));
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

        private boolean free(BigInteger address) {
            return !held.containsValue(address) && !resting.containsKey(address);
        }

        private BigInteger asked(String text) {
            var address = Cidr.parseAddress(text).orElseThrow();
            boolean known =
                    pools.values().stream()
                            .flatMap(List::stream)
                            .anyMatch(c -> c.contains(address));
            return known && free(address.address()) ? address.address() : null;
        }

        private BigInteger next() {
            for (var cidrs : pools.values()) {
                for (Cidr cidr : cidrs) {
                    var address = cursors.get(cidr);
                    do {
                        var after =
                                address.equals(cidr.last())
                                        ? cidr.address()
                                        : address.add(BigInteger.ONE);
                        if (free(address)) {
                            cursors.put(cidr, after);
                            return address;
                        }
                        address = after;
                    } while (!address.equals(cursors.get(cidr)));
                }
            }
            return null;
        }
    }

    private static final List<String> CIDRS =
            List.of("203.0.113.0/30", "203.0.113.8/31", "198.51.100.4/30", "198.51.100.9/32");

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void anyHistoryIsTheOneOfTheReference(long seed) {
        var random = new Random(seed);
        var reference = new Reference();
        for (int step = 0; step < 2_000; step++) {
            String name = "c" + random.nextInt(20);
            switch (random.nextInt(12)) {
                case 0 -> {
                    // The ranges of two pools never overlap here: each has its own half.
                    int half = random.nextInt(2);
                    var cidrs = new ArrayList<>(CIDRS.subList(2 * half, 2 * half + 2));
                    if (random.nextBoolean()) {
                        cidrs.remove(random.nextInt(2));
                    }
                    var setup = setup("pool-" + half, cidrs.toArray(String[]::new));
                    allocator.pool(setup, now);
                    reference.pool(setup.name(), setup.cidrs());
                }
                case 1, 2, 3, 4 -> {
                    if (!rows.claims.containsKey("VirtualIP/default/" + name + "/address")) {
                        String asked =
                                random.nextInt(4) == 0 ? "203.0.113." + random.nextInt(12) : null;
                        claim(name, asked);
                        reference.claim(name, asked);
                    }
                }
                case 5, 6, 7 -> {
                    release(name);
                    reference.release(name, now.plus(QUARANTINE));
                }
                case 8 -> allocator = rows.restore(IpFamily.IPv4, QUARANTINE);
                default -> {
                    // Distinct times, so that no two rests end at once.
                    pass(Duration.ofMillis(1 + random.nextInt(200_000)));
                    reference.tick(now);
                }
            }
            now = now.plusMillis(1);
            allocator.tick(now);
            reference.tick(now);
            agree(reference, step);
        }
        wholeAgain(reference);
    }

    private void agree(Reference reference, int step) {
        var held = new TreeMap<String, BigInteger>();
        var seen = new HashSet<String>();
        for (var entry : rows.claims.values()) {
            if (entry.address() != null) {
                held.put(
                        entry.claim().uid(),
                        Cidr.parseAddress(entry.address()).orElseThrow().address());
                assertThat(seen.add(entry.address())).as("one holder").isTrue();
            }
        }
        assertThat(held).as("step %d", step).isEqualTo(reference.held);
        assertThat(rows.claims).hasSameSizeAs(reference.wishes);
    }

    private void wholeAgain(Reference reference) {
        List.copyOf(reference.wishes.keySet()).forEach(this::release);
        pass(QUARANTINE);
        for (String pool : reference.pools.keySet()) {
            var use = allocator.utilisation(pool);
            assertThat(use.free()).isEqualTo(use.total());
            assertThat(use.draining()).isEmpty();
            assertThat(use.allocated() + use.quarantined() + use.waiting()).isZero();
        }
    }
}
