package dev.openkcm.networking.vipnat.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.domain.natgateway.NetworkFact;
import dev.openkcm.networking.vipnat.domain.natgateway.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
        table.gateway(setup(name, IpFamily.IPv4, ports, ++version, ips), now);
    }

    private static NatGatewaySetup setup(
            String name, IpFamily family, int ports, long version, String... ips) {
        var addresses = new ArrayList<NatGatewaySetup.Address>();
        for (String ip : ips) {
            boolean releasing = ip.endsWith("!");
            String bare = releasing ? ip.substring(0, ip.length() - 1) : ip;
            addresses.add(
                    new NatGatewaySetup.Address("for-" + bare, bare, releasing ? version : null));
        }
        return new NatGatewaySetup(name, "uid-" + name, version, family, ports, addresses);
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
        table.gateway(setup("six", IpFamily.IPv6, 2048, 1, "2001:db8::1"), now);
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

    @Test
    void laysOutAnewWithoutOverlap() {
        gateway("gw", 64, "203.0.113.1");
        for (int i = 0; i < 40; i++) {
            nic("n%02d".formatted(i));
        }
        rows.afterEach(this::noOverlap);
        gateway("gw", 2048, "203.0.113.1");
        assertThat(ports("gw", "n00")).isEqualTo("203.0.113.1:1024-3071");
        assertThat(table.service("gw", NetworkFact.Available).used()).isEqualTo(31);
        gateway("gw", 128, "203.0.113.1");
        assertThat(table.service("gw", NetworkFact.Available).used()).isEqualTo(40);
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

        record Held(String gateway, String ip, int slot) {}

        final List<String> nics = new ArrayList<>(); // In the order in which they came.
        final Map<String, Boolean> eligible = new HashMap<>();
        final Map<String, NatGatewaySetup> gateways = new TreeMap<>();
        final List<String> arrivals = new ArrayList<>();
        final Map<String, Held> held = new TreeMap<>();
        final Map<Held, Instant> resting = new HashMap<>();

        void release(String nic, Instant until) {
            var was = held.remove(nic);
            if (was != null) {
                resting.put(was, until);
            }
        }

        void tick(Instant now) {
            resting.values().removeIf(until -> !until.isAfter(now));
            serve();
        }

        void gateway(NatGatewaySetup setup) {
            var before = gateways.put(setup.name(), setup);
            if (before == null) {
                arrivals.add(setup.name());
            } else if (before.ports() != setup.ports()) {
                held.values().removeIf(h -> h.gateway.equals(setup.name()));
                resting.keySet().removeIf(h -> h.gateway.equals(setup.name()));
            }
            var ips = setup.addresses().stream().map(NatGatewaySetup.Address::ip).toList();
            held.values().removeIf(h -> h.gateway.equals(setup.name()) && !ips.contains(h.ip));
            resting.keySet().removeIf(h -> h.gateway.equals(setup.name()) && !ips.contains(h.ip));
            serve();
        }

        void gatewayGone(String name) {
            gateways.remove(name);
            arrivals.remove(name);
            held.values().removeIf(h -> h.gateway.equals(name));
            resting.keySet().removeIf(h -> h.gateway.equals(name));
            serve();
        }

        void serve() {
            for (String nic : nics) {
                if (eligible.get(nic) && !held.containsKey(nic)) {
                    free(nic);
                }
            }
        }

        private void free(String nic) {
            for (String name : arrivals) {
                var gateway = gateways.get(name);
                for (var address : gateway.addresses()) {
                    for (int slot = 0; slot < 64512 / gateway.ports(); slot++) {
                        var candidate = new Held(name, address.ip(), slot);
                        if (address.releasingSince() == null
                                && !held.containsValue(candidate)
                                && !resting.containsKey(candidate)) {
                            held.put(nic, candidate);
                            return;
                        }
                    }
                }
            }
        }
    }

    private static final int[] PORTS = {8192, 16384, 32768};

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void anyHistoryIsTheOneOfTheReference(long seed) {
        var random = new Random(seed);
        var reference = new Reference();
        rows.afterEach(this::noOverlap);
        for (int step = 0; step < 1_500; step++) {
            now = now.plusMillis(1);
            table.tick(now);
            reference.tick(now);
            String nic = "n" + random.nextInt(12);
            String gateway = "g" + random.nextInt(2);
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    boolean eligible = random.nextInt(4) > 0;
                    nic(nic, eligible ? new IpFamily[0] : new IpFamily[] {IpFamily.IPv4});
                    if (!reference.nics.contains(nic)) {
                        reference.nics.add(nic);
                    }
                    reference.eligible.put(nic, eligible);
                    if (!eligible) {
                        reference.release(nic, now.plus(QUARANTINE));
                    }
                    reference.serve();
                }
                case 4, 5 -> {
                    table.memberGone(nic, now);
                    reference.nics.remove(nic);
                    reference.release(nic, now.plus(QUARANTINE));
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
                                    IpFamily.IPv4,
                                    ports,
                                    ++version,
                                    ips.toArray(String[]::new));
                    table.gateway(setup, now);
                    reference.gateway(setup);
                }
                case 7 -> {
                    if (random.nextInt(4) == 0) {
                        table.gatewayGone(gateway, now);
                        reference.gatewayGone(gateway);
                    }
                }
                case 8 -> table = rows.restore(QUARANTINE);
                default -> {
                    pass(Duration.ofSeconds(random.nextInt(120)));
                    reference.tick(now);
                }
            }
            agree(reference, step);
        }
    }

    private void agree(Reference reference, int step) {
        var held = new TreeMap<String, Reference.Held>();
        rows.ranges.forEach((gateway, ranges) ->
                ranges.forEach((nic, r) -> {
                    assertThat(held.put(nic, new Reference.Held(gateway, r.publicIp(), r.slot())))
                            .isNull();
                }));
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
        }
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
