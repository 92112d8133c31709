package dev.openkcm.networking.vipnat.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.domain.natgateway.NetworkFact;
import dev.openkcm.networking.vipnat.domain.natgateway.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The port table of a Network")
class NatTableTest {

    private static final Duration QUARANTINE = Duration.ofMinutes(4);

    private final NatRows rows = new NatRows();
    private NatTable table = new NatTable(QUARANTINE, rows);
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long version;

    private void nic(String name, IpFamily... virtualIps) {
        table.member(
                new NatMember(name, "uid-" + name, "10.0.0.1", "fd00::1", Set.of(virtualIps)), now);
    }

    private void gateway(String name, int ports, String... ips) {
        table.gateway(setup(name, IpFamily.IPv4, ports, ++version, false, ips), now);
    }

    /** One that can have no further address. */
    private void fullGateway(String name, int ports, String... ips) {
        table.gateway(setup(name, IpFamily.IPv4, ports, ++version, true, ips), now);
    }

    private static NatGatewaySetup setup(
            String name, IpFamily family, int ports, long version, boolean full, String... ips) {
        var addresses = new ArrayList<NatGatewaySetup.Address>();
        for (String ip : ips) {
            boolean releasing = ip.endsWith("!");
            String bare = releasing ? ip.substring(0, ip.length() - 1) : ip;
            addresses.add(
                    new NatGatewaySetup.Address("for-" + bare, bare, releasing ? version : null));
        }
        return new NatGatewaySetup(name, "uid-" + name, version, family, ports, full, addresses);
    }

    private String ports(String gateway, String nic) {
        return table.range(gateway, nic)
                .map(r -> "%s:%d-%d".formatted(r.publicIp(), r.port(), r.endPort()))
                .orElse("none");
    }

    private void pass(Duration time) {
        now = now.plus(time);
        table.tick(now);
    }

    @Test
    void fillsTheFirstAddressFromItsLowestSlot() {
        gateway("gw", 64, "203.0.113.1");
        nic("a");
        nic("b");
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-1087");
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:1088-1151");
    }

    @ParameterizedTest(name = "{0} ports")
    @CsvSource({
        "1, 64512, 65535",
        "2, 32256, 65535",
        "64, 1008, 65535",
        "2048, 31, 64511",
        "4096, 15, 62463",
        "16384, 3, 50175",
        "32768, 1, 33791"
    })
    void fillsAnAddressToItsLastSlot(int ports, int slots, int last) {
        gateway("gw", ports, "203.0.113.1");
        for (int i = 0; i <= slots; i++) {
            nic("n%05d".formatted(i));
        }
        var served = table.service("gw", NetworkFact.Available);
        assertThat(served.used()).isEqualTo(slots);
        assertThat(served.requested()).isEqualTo(slots + 1);
        assertThat(served.unserved()).containsExactly("n%05d".formatted(slots));
        assertThat(table.range("gw", "n%05d".formatted(slots - 1)).orElseThrow().endPort())
                .isEqualTo(last);
    }

    @Test
    void movesNobodyWhenOthersComeAndGo() {
        gateway("gw", 2048, "203.0.113.1");
        nic("a");
        nic("b");
        nic("c");
        String before = ports("gw", "c");
        table.memberGone("a", now);
        nic("d");
        gateway("gw", 2048, "203.0.113.1", "203.0.113.2");
        assertThat(ports("gw", "c")).isEqualTo(before);
    }

    @Test
    void letsPortsRestBeforeAnotherGetsThem() {
        gateway("gw", 32768, "203.0.113.1");
        nic("a");
        table.memberGone("a", now);
        nic("b");
        assertThat(ports("gw", "b")).isEqualTo("none");
        assertThat(table.service("gw", NetworkFact.Available).resting()).isEqualTo(1);
        pass(QUARANTINE.minusMillis(1));
        assertThat(ports("gw", "b")).isEqualTo("none");
        pass(Duration.ofMillis(1));
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:1024-33791");
    }

    @Test
    void passesOverWhoHasAVirtualIpOfTheFamily() {
        gateway("gw", 2048, "203.0.113.1");
        nic("a", IpFamily.IPv6);
        nic("b", IpFamily.IPv4);
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-3071");
        assertThat(ports("gw", "b")).isEqualTo("none");
        assertThat(table.service("gw", NetworkFact.Available).requested()).isEqualTo(1);
        nic("b");
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:3072-5119");
        nic("b", IpFamily.IPv4);
        assertThat(ports("gw", "b")).isEqualTo("none");
    }

    @Test
    void servesEachInterfaceByOneGatewayPerFamily() {
        gateway("first", 32768, "203.0.113.1");
        gateway("second", 32768, "203.0.113.2");
        table.gateway(setup("six", IpFamily.IPv6, 2048, 1, false, "2001:db8::1"), now);
        nic("a");
        nic("b");
        assertThat(ports("first", "a")).isNotEqualTo("none");
        assertThat(ports("second", "a")).isEqualTo("none");
        assertThat(ports("second", "b")).isNotEqualTo("none");
        assertThat(ports("six", "a")).isEqualTo("2001:db8::1:1024-3071");

        table.gatewayGone("first", now);
        assertThat(ports("second", "a")).as("there is no room").isEqualTo("none");
        gateway("second", 32768, "203.0.113.2", "203.0.113.3");
        assertThat(ports("second", "a")).isEqualTo("203.0.113.3:1024-33791");
    }

    @Test
    void refreshesTheAddressOfAnInterface() {
        gateway("gw", 2048, "203.0.113.1");
        nic("a");
        table.member(new NatMember("a", "uid-a", "10.0.0.9", null, Set.of()), now);
        assertThat(rows.ranges.get("gw").get("a").ip()).isEqualTo("10.0.0.9");
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-3071");
    }

    /** Whoever has to share what was its own gets other ports, and nobody gets those of another. */
    @Test
    void laysOutAnewWithoutOverlapAndWithoutPortsThatWereOfAnother() {
        gateway("gw", 64, "203.0.113.1");
        for (int i = 0; i < 40; i++) {
            nic("n%02d".formatted(i));
        }
        rows.afterEach(this::noOverlap);
        gateway("gw", 2048, "203.0.113.1");
        assertThat(ports("gw", "n00"))
                .as("the first two slots have ports that rest")
                .isEqualTo("203.0.113.1:5120-7167");
        assertThat(table.service("gw", NetworkFact.Available).used()).isEqualTo(29);
        gateway("gw", 2048, "203.0.113.1", "203.0.113.2");
        assertThat(table.service("gw", NetworkFact.Available).used()).isEqualTo(40);
        gateway("gw", 128, "203.0.113.1", "203.0.113.2");
        assertThat(table.service("gw", NetworkFact.Available).used()).isEqualTo(40);
        assertThat(ports("gw", "n00"))
                .as("the lowest that nobody had lately")
                .isEqualTo("203.0.113.1:3584-3711");
    }

    @Test
    void givesAnInterfaceItsOwnPortsAgainWhenTheirNumberChanges() {
        gateway("gw", 2048, "203.0.113.1");
        nic("a");
        nic("b");
        gateway("gw", 1024, "203.0.113.1");
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-2047");
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:3072-4095");
        nic("c");
        assertThat(ports("gw", "c")).as("the rest rests").isEqualTo("203.0.113.1:5120-6143");
        table = rows.restore(QUARANTINE);
        nic("d");
        assertThat(ports("gw", "d")).isEqualTo("203.0.113.1:6144-7167");
        pass(QUARANTINE);
        nic("e");
        assertThat(ports("gw", "e")).isEqualTo("203.0.113.1:2048-3071");
        assertThat(table.service("gw", NetworkFact.Available).resting()).isZero();
    }

    @Test
    void letsPortsRestOverAChangeOfTheirNumber() {
        gateway("gw", 64, "203.0.113.1");
        nic("a");
        table.memberGone("a", now);
        gateway("gw", 32768, "203.0.113.1");
        nic("b");
        assertThat(ports("gw", "b")).isEqualTo("none");
        pass(QUARANTINE);
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:1024-33791");
    }

    @Test
    void leavesNobodyWithoutPortsForANewLayoutWhenThereIsNoFurtherAddress() {
        gateway("gw", 16384, "203.0.113.1");
        nic("a");
        nic("b");
        table.memberGone("a", now);
        nic("c");
        gateway("gw", 32768, "203.0.113.1");
        assertThat(ports("gw", "b")).isEqualTo("none");
        fullGateway("gw", 32768, "203.0.113.1");
        assertThat(ports("gw", "b")).as("those of a were given up").isEqualTo("none");
        pass(QUARANTINE);
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:1024-33791");
        fullGateway("gw", 16384, "203.0.113.1");
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:1024-17407");
        assertThat(ports("gw", "c")).isEqualTo("203.0.113.1:33792-50175");
        nic("d");
        assertThat(ports("gw", "d"))
                .as("b had them before the new layout")
                .isEqualTo("203.0.113.1:17408-33791");
    }

    @Test
    void tellsWhenAnAddressThatIsGivenUpIsEmpty() {
        gateway("gw", 32768, "203.0.113.1", "203.0.113.2");
        nic("a");
        nic("b");
        gateway("gw", 32768, "203.0.113.1", "203.0.113.2!");
        nic("c");
        assertThat(ports("gw", "c")).isEqualTo("none");
        assertThat(rows.emptied).isEmpty();
        table.memberGone("b", now);
        assertThat(rows.emptied).contains("gw/for-203.0.113.2/2");
        gateway("gw", 32768, "203.0.113.1");
        assertThat(table.service("gw", NetworkFact.Available).resting())
                .as("the ports of an address that is gone do not rest")
                .isZero();
    }

    private void noOverlap() {
        var byStart = new TreeMap<String, NatRange>();
        rows.ranges.forEach((gateway, ranges) ->
                ranges.values()
                        .forEach(r -> {
                            assertThat(r.port()).isGreaterThanOrEqualTo(1024);
                            assertThat(r.endPort()).isLessThanOrEqualTo(65535);
                            assertThat(byStart.put("%s:%05d".formatted(r.publicIp(), r.port()), r))
                                    .isNull();
                        }));
        NatRange before = null;
        for (NatRange range : byStart.values()) {
            if (before != null && before.publicIp().equals(range.publicIp())) {
                assertThat(range.port()).isGreaterThan(before.endPort());
            }
            before = range;
        }
    }

    /** The same rules, by trying every slot of every address each time. */
    private static final class Reference {

        /** What all numbers of ports that are tried are multiples of. */
        static final int UNIT = 8192;

        record Held(String gateway, String ip, int slot, int ports) {

            /** Without regard to how many ports a slot has. */
            List<Unit> units() {
                int count = ports / UNIT;
                return IntStream.range(slot * count, (slot + 1) * count)
                        .mapToObj(unit -> new Unit(gateway, ip, unit))
                        .toList();
            }
        }

        record Unit(String gateway, String ip, int unit) {}

        record Rest(Instant until, String keeper) {}

        final List<String> nics = new ArrayList<>(); // In the order in which they came.
        final Map<String, String> uids = new HashMap<>();
        final Map<String, Boolean> eligible = new HashMap<>();
        final Map<String, NatGatewaySetup> gateways = new TreeMap<>();
        final List<String> arrivals = new ArrayList<>();
        final Map<String, Held> held = new TreeMap<>();
        final Map<Unit, Rest> resting = new HashMap<>();

        void member(String nic, boolean isEligible, Instant until) {
            if (!nics.contains(nic)) {
                nics.add(nic);
            }
            eligible.put(nic, isEligible);
            if (!isEligible) {
                release(nic, until);
            }
            serve();
        }

        void release(String nic, Instant until) {
            var was = held.remove(nic);
            if (was != null) {
                was.units().forEach(unit -> resting.put(unit, new Rest(until, "nobody")));
            }
        }

        void tick(Instant now) {
            resting.values().removeIf(rest -> !rest.until.isAfter(now));
            serve();
        }

        void gateway(NatGatewaySetup setup, Instant until) {
            var before = gateways.put(setup.name(), setup);
            if (before == null) {
                arrivals.add(setup.name());
            } else if (before.ports() != setup.ports()) {
                for (String nic : nics) {
                    if (held.containsKey(nic) && held.get(nic).gateway.equals(setup.name())) {
                        var rest = new Rest(until, uids.get(nic));
                        held.remove(nic).units().forEach(unit -> resting.put(unit, rest));
                    }
                }
            }
            var ips = setup.addresses().stream().map(NatGatewaySetup.Address::ip).toList();
            held.values().removeIf(h -> h.gateway.equals(setup.name()) && !ips.contains(h.ip));
            resting.keySet().removeIf(u -> u.gateway.equals(setup.name()) && !ips.contains(u.ip));
            serve();
        }

        void gatewayGone(String name) {
            gateways.remove(name);
            arrivals.remove(name);
            held.values().removeIf(h -> h.gateway.equals(name));
            resting.keySet().removeIf(u -> u.gateway.equals(name));
            serve();
        }

        void serve() {
            for (String nic : nics) {
                if (eligible.get(nic) && !held.containsKey(nic) && !served(nic)) {
                    resting.entrySet()
                            .removeIf(e ->
                                    gateways.get(e.getKey().gateway).full()
                                            && !e.getValue().keeper.equals("nobody"));
                    var _ = served(nic);
                }
            }
        }

        private boolean served(String nic) {
            for (String name : arrivals) {
                var gateway = gateways.get(name);
                for (var address : gateway.addresses()) {
                    for (int slot = 0; slot < 64512 / gateway.ports(); slot++) {
                        var candidate = new Held(name, address.ip(), slot, gateway.ports());
                        if (address.releasingSince() == null
                                && !held.containsValue(candidate)
                                && candidate.units().stream().allMatch(u -> isFree(u, nic))) {
                            held.put(nic, candidate);
                            candidate.units().forEach(resting::remove);
                            return true;
                        }
                    }
                }
            }
            return false;
        }

        private boolean isFree(Unit unit, String nic) {
            var rest = resting.get(unit);
            return rest == null || rest.keeper.equals(uids.get(nic));
        }
    }

    private static final int[] PORTS = {8192, 16384, 32768};

    /** Everything that the table was told, to tell it to another one. */
    private final List<Consumer<NatTable>> told = new ArrayList<>();

    private void tell(Consumer<NatTable> what) {
        told.add(what);
        what.accept(table);
    }

    private static IpFamily familyOf(String gateway) {
        return gateway.equals("g2") ? IpFamily.IPv6 : IpFamily.IPv4;
    }

    /** Gateways of both families, whose interfaces have nothing to do with each other. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void anyHistoryIsTheOneOfTheReference(long seed) {
        var random = new Random(seed);
        var references = new EnumMap<IpFamily, Reference>(IpFamily.class);
        for (IpFamily family : IpFamily.values()) {
            references.put(family, new Reference());
        }
        var uids = new HashMap<String, String>();
        rows.afterEach(this::noOverlap);
        for (int step = 0; step < 1_500; step++) {
            now = now.plusMillis(1);
            var time = now;
            tell(t -> t.tick(time));
            references.values().forEach(r -> r.tick(time));
            String nic = "n" + random.nextInt(12);
            String gateway = "g" + random.nextInt(3);
            var reference = references.get(familyOf(gateway));
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    boolean another = !uids.containsKey(nic) || random.nextInt(8) == 0;
                    if (another) {
                        uids.put(nic, nic + "-" + step);
                    }
                    var families = EnumSet.noneOf(IpFamily.class);
                    for (IpFamily family : IpFamily.values()) {
                        if (random.nextInt(4) == 0) {
                            families.add(family);
                        }
                    }
                    var member = new NatMember(nic, uids.get(nic), "10.0.0.1", "fd00::1", families);
                    tell(t -> t.member(member, time));
                    references.forEach((family, r) -> {
                        r.uids.put(nic, uids.get(nic));
                        if (another) {
                            r.nics.remove(nic);
                            r.release(nic, time.plus(QUARANTINE));
                        }
                        r.member(nic, !families.contains(family), time.plus(QUARANTINE));
                    });
                }
                case 4, 5 -> {
                    uids.remove(nic);
                    tell(t -> t.memberGone(nic, time));
                    references
                            .values()
                            .forEach(r -> {
                                r.nics.remove(nic);
                                r.release(nic, time.plus(QUARANTINE));
                            });
                }
                case 6 -> {
                    var ips = new ArrayList<String>();
                    for (int i = 0; i < 3; i++) {
                        if (random.nextInt(3) > 0) {
                            String ip = "203.0.113." + gateway.charAt(1) + i;
                            ips.add(random.nextInt(4) == 0 ? ip + "!" : ip);
                        }
                    }
                    var before = reference.gateways.get(gateway);
                    int ports =
                            before != null && random.nextInt(4) > 0
                                    ? before.ports()
                                    : PORTS[random.nextInt(3)];
                    var setup =
                            setup(
                                    gateway,
                                    familyOf(gateway),
                                    ports,
                                    ++version,
                                    random.nextBoolean(),
                                    ips.toArray(String[]::new));
                    tell(t -> t.gateway(setup, time));
                    reference.gateway(setup, time.plus(QUARANTINE));
                }
                case 7 -> {
                    if (random.nextInt(4) == 0) {
                        tell(t -> t.gatewayGone(gateway, time));
                        reference.gatewayGone(gateway);
                    }
                }
                case 8 -> table = rows.restore(QUARANTINE);
                default -> {
                    now = now.plusSeconds(random.nextInt(120));
                    var later = now;
                    tell(t -> t.tick(later));
                    references.values().forEach(r -> r.tick(later));
                }
            }
            for (var entry : references.entrySet()) {
                agree(entry.getKey(), entry.getValue(), step);
            }
        }
        replayed();
        nothingIsLeft(references.values());
    }

    /** The same told to another table from the beginning, without the restarts in between. */
    private void replayed() {
        var again = new NatRows();
        var another = new NatTable(QUARANTINE, again);
        told.forEach(what -> what.accept(another));
        assertThat(again.allocation()).isEqualTo(rows.allocation());
    }

    private void nothingIsLeft(Collection<Reference> references) {
        for (Reference reference : references) {
            List.copyOf(reference.nics).forEach(nic -> table.memberGone(nic, now));
        }
        pass(QUARANTINE);
        for (Reference reference : references) {
            for (String gateway : reference.gateways.keySet()) {
                var service = table.service(gateway, NetworkFact.Available);
                assertThat(service.used() + service.requested() + service.resting()).isZero();
                assertThat(service.portsHash()).isEqualTo(Service.EMPTY_HASH);
                table.gatewayGone(gateway, now);
            }
        }
        assertThat(table.isEmpty()).isTrue();
        assertThat(rows.allocation().ranges()).isEmpty();
        assertThat(rows.allocation().rests()).isEmpty();
    }

    private void agree(IpFamily family, Reference reference, int step) {
        var held = new TreeMap<String, Reference.Held>();
        rows.ranges.forEach((gateway, ranges) -> {
            if (familyOf(gateway) == family) {
                ranges.forEach((nic, r) ->
                        assertThat(
                                        held.put(
                                                nic,
                                                new Reference.Held(
                                                        gateway,
                                                        r.publicIp(),
                                                        r.slot(),
                                                        r.endPort() - r.port() + 1)))
                                .isNull());
            }
        });
        assertThat(held).as("step %d", step).isEqualTo(reference.held);
        for (var setup : reference.gateways.values()) {
            var service = table.service(setup.name(), NetworkFact.Available);
            var hash =
                    rows.ranges.getOrDefault(setup.name(), Map.of()).values().stream()
                            .map(r -> Hash.of(r.hashed()))
                            .reduce(Hash.ZERO, Hash::toggle);
            assertThat(service.portsHash()).isEqualTo(hash.toString());
            long wanting = reference.nics.stream().filter(reference.eligible::get).count();
            assertThat(service.requested())
                    .isEqualTo((int) (service.used() + wanting - reference.held.size()));
            assertThat(service.addresses().stream().mapToInt(Service.Use::used).sum())
                    .isEqualTo(service.used());
            assertThat(service.unserved())
                    .as("oldest first")
                    .containsExactlyElementsOf(
                            reference.nics.stream()
                                    .filter(reference.eligible::get)
                                    .filter(nic -> !reference.held.containsKey(nic))
                                    .toList());
        }
    }

    /** Whoever has one port has the whole slot, and gives it back as a whole. */
    @Test
    void givesSlotsOfOnePortAgain() {
        gateway("gw", 1, "203.0.113.1");
        nic("a");
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-1024");
        table = rows.restore(QUARANTINE);
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-1024");
        table.memberGone("a", now);
        pass(QUARANTINE);
        nic("b");
        assertThat(ports("gw", "b")).isEqualTo("203.0.113.1:1024-1024");
    }

    @Test
    void returnsToNothingUsed() {
        gateway("gw", 2, "203.0.113.1");
        nic("a");
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-1025");
        table.memberGone("a", now);
        pass(QUARANTINE);
        var service = table.service("gw", NetworkFact.Available);
        assertThat(service.used() + service.requested() + service.resting()).isZero();
    }

    @Test
    void servesWhoeverFitsOntoTwoAddressesAndNamesTheOthers() {
        gateway("gw", 1024, "203.0.113.1", "203.0.113.2");
        for (int i = 0; i < 128; i++) {
            nic("n%03d".formatted(i));
        }
        var service = table.service("gw", NetworkFact.Available);
        assertThat(service.used()).isEqualTo(2 * 63);
        assertThat(service.requested()).isEqualTo(128);
        assertThat(service.unserved()).containsExactly("n126", "n127");
    }

    /** An address that is listed twice has its slots once. */
    @Test
    void takesAnAddressThatIsListedTwiceOnce() {
        gateway("gw", 32768, "203.0.113.1", "203.0.113.1");
        nic("a");
        nic("b");
        assertThat(table.service("gw", NetworkFact.Available).used()).isEqualTo(1);
    }

    /** Who is served does not depend on names or on the order of a map, but on who came first. */
    @Test
    void servesInTheOrderInWhichInterfacesCame() {
        for (String nic : List.of("z", "m", "a", "q")) {
            nic(nic);
        }
        gateway("gw", 16384, "203.0.113.1");
        assertThat(ports("gw", "z")).isEqualTo("203.0.113.1:1024-17407");
        assertThat(ports("gw", "m")).isEqualTo("203.0.113.1:17408-33791");
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:33792-50175");
        assertThat(table.service("gw", NetworkFact.Available).unserved()).containsExactly("q");
    }

    /** An interface without a claim to ports is free for the next gateway at once. */
    @Test
    void releasesWhomItDoesNotServeAnyMore() {
        gateway("first", 32768, "203.0.113.1");
        nic("a");
        nic("a", IpFamily.IPv4);
        assertThat(ports("first", "a")).isEqualTo("none");
        gateway("second", 32768, "203.0.113.2");
        nic("a");
        assertThat(ports("first", "a")).as("the ports still rest").isEqualTo("none");
        assertThat(ports("second", "a")).isEqualTo("203.0.113.2:1024-33791");
    }

    @Test
    void saysNothingTwiceOfTheSame() {
        gateway("gw", 2048, "203.0.113.1");
        nic("a");
        table.changedGateways();
        nic("a");
        assertThat(table.changedGateways()).isEmpty();
        assertThat(ports("gw", "a")).isEqualTo("203.0.113.1:1024-3071");
    }
}
