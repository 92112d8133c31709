package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.common.v1.Condition;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens in whatever order, through all applications: an address has one holder, ranges
 * of an address do not overlap, every claim is held, waits with a reason or has ended, what is
 * published follows from the events alone, and once everything is deleted the pools are whole
 * again.
 */
class InvariantsTest {

    private static final List<String> FAMILIES = List.of("IPv4", "IPv6");
    private static final String IPV4_RANGE = "203.0.113.0/29";
    private static final String FURTHER_RANGE = "198.51.100.0/31";
    private static final String IPV6_RANGE = "2001:db8:100::/126";

    /** An interface as it was told of. */
    private record Nic(String uid, Set<String> families, String names) {}

    @TempDir private Path stateDir;

    private Cluster cluster;
    private final Map<String, String> vips = new TreeMap<>();
    private final Set<String> nats = new TreeSet<>();
    private final Map<String, String> balancers = new TreeMap<>();
    private final Map<String, Nic> nics = new TreeMap<>();
    private long sequence;

    @BeforeEach
    void start() {
        cluster = new Cluster(stateDir);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void holdInAnyHistory(long seed) {
        var random = new Random(seed);
        cluster.network(NetworkState.Available);
        cluster.pool("four", IPV4_RANGE);
        cluster.pool("six", IPV6_RANGE);
        for (int step = 0; step < 80; step++) {
            String name = "x" + random.nextInt(5);
            switch (random.nextInt(12)) {
                case 0, 1 -> createVip(name, random);
                case 2 -> deleteVip(name);
                case 3 -> {
                    String ports = random.nextBoolean() ? "32768" : "16384";
                    cluster.nat(
                            name, ", \"maxPublicIPs\": 3, \"portsPerNetworkInterface\": " + ports);
                    nats.add(name);
                }
                case 4 -> deleteNat(name);
                case 5, 6, 7 -> changeNic(name, random);
                case 8 -> deleteNic(name);
                case 9 -> {
                    if (random.nextBoolean()) {
                        cluster.pool("four", IPV4_RANGE, FURTHER_RANGE);
                    } else {
                        cluster.pool("four", random.nextBoolean() ? IPV4_RANGE : FURTHER_RANGE);
                    }
                }
                case 10 -> {
                    if (balancers.containsKey(name)) {
                        endBalancer(name);
                    } else {
                        balancers.put(name, FAMILIES.get(random.nextInt(2)));
                        cluster.balancer(name, balancers.get(name), true, ++sequence);
                    }
                }
                default -> {
                    cluster.harness.advance(Duration.ofMinutes(random.nextInt(12)));
                    cluster.tick();
                }
            }
            check();
        }
        followFromEvents();
        end();
    }

    private void createVip(String name, Random random) {
        vips.computeIfAbsent(
                name,
                n -> {
                    String family = FAMILIES.get(random.nextInt(2));
                    cluster.vip(n, family);
                    return family;
                });
    }

    private void deleteVip(String name) {
        if (vips.remove(name) != null) {
            cluster.delete(VipNatTopology.virtualIps(), "default/" + name);
        }
    }

    private void deleteNat(String name) {
        if (nats.remove(name)) {
            cluster.delete(VipNatTopology.natGateways(), "default/" + name);
        }
    }

    private void endBalancer(String name) {
        cluster.balancer(name, balancers.remove(name), false, ++sequence);
    }

    /** Also one of another uid in the place of another, whose end nobody was told of. */
    private void changeNic(String name, Random random) {
        var before = nics.get(name);
        String uid = before == null || random.nextInt(4) == 0 ? "uid-" + ++sequence : before.uid;
        Set<String> families =
                switch (random.nextInt(4)) {
                    case 0 -> Set.of("IPv6");
                    case 1 -> Set.of("IPv4", "IPv6");
                    default -> Set.of("IPv4");
                };
        String vip = random.nextBoolean() ? null : "x" + random.nextInt(5);
        nics.put(name, new Nic(uid, families, vip));
        cluster.nic(name, uid, families, vip);
        cluster.tick();
    }

    private void deleteNic(String name) {
        if (nics.remove(name) != null) {
            cluster.nicGone(name);
        }
    }

    private void check() {
        cluster.tick(); // A gateway that shrinks is told of in several turns.
        everyAddressHasOneHolder();
        everyVirtualIpHasWhoeverNamesItFirst();
        rangesDoNotOverlap();
        poolsCountWhatIsHeld();
    }

    private Map<String, PublicAddressGrant> grants() {
        var grants = new TreeMap<String, PublicAddressGrant>();
        for (String key : cluster.keys(VipNatTopology.GRANTS)) {
            var grant = cluster.grant(key);
            if (grant != null) {
                grants.put(key, grant);
            }
        }
        return grants;
    }

    private void everyAddressHasOneHolder() {
        var expected = new TreeSet<String>();
        vips.forEach((name, family) -> expected.add(vipGrant(name, family)));
        balancers.forEach((name, family) ->
                expected.add("LoadBalancer/default/%s/%s".formatted(name, slot(family))));
        for (String name : nats) {
            var status = cluster.nat(name).getStatus();
            status.getIps().forEach(ip -> expected.add(natGrant(name, ip.getName())));
            status.getAwaitedIPs().forEach(ip -> expected.add(natGrant(name, ip.getName())));
        }
        var grants = grants();
        assertThat(grants.keySet()).as("claims that have not ended").isEqualTo(expected);
        var addresses = new HashSet<String>();
        for (var grant : grants.values()) {
            if (grant.getAddress() == null) {
                assertThat(grant.getReason()).isEqualTo("AddressesExhausted");
            } else {
                assertThat(grant.getReason()).isNull();
                assertThat(addresses.add(grant.getAddress())).as(grant.getAddress()).isTrue();
            }
        }
        for (var vip : vips.entrySet()) {
            var status = cluster.vip(vip.getKey()).getStatus();
            var grant = grants.get(vipGrant(vip.getKey(), vip.getValue()));
            assertThat(status.getIp()).isEqualTo(grant.getAddress());
            assertThat(reason(status.getConditions(), "AddressAllocated"))
                    .isEqualTo(status.getIp() == null ? "AddressesExhausted" : "AddressAllocated");
        }
        for (String name : nats) {
            for (var ip : cluster.nat(name).getStatus().getIps()) {
                assertThat(grants.get(natGrant(name, ip.getName())))
                        .extracting(PublicAddressGrant::getAddress)
                        .isEqualTo(ip.getIp());
            }
        }
    }

    private static String vipGrant(String name, String family) {
        return "VirtualIP/default/%s/%s-address".formatted(name, slot(family));
    }

    private static String natGrant(String name, String ip) {
        return "NATGateway/default/%s/ipv4-%s".formatted(name, ip);
    }

    private static String slot(String family) {
        return family.equals("IPv4") ? "ipv4" : "ipv6";
    }

    private static String reason(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(c -> c.getType().equals(type))
                .map(Condition::getReason)
                .findFirst()
                .orElse("");
    }

    private void everyVirtualIpHasWhoeverNamesItFirst() {
        vips.forEach((name, family) -> {
            var target = cluster.vip(name).getStatus().getTargetRef();
            boolean wanted =
                    nics.values().stream()
                            .anyMatch(n -> name.equals(n.names) && n.families.contains(family));
            assertThat(target != null).as("%s is used", name).isEqualTo(wanted);
            if (target != null) {
                var nic = nics.get(target.getName());
                assertThat(nic.uid).isEqualTo(target.getUid());
                assertThat(nic.names).isEqualTo(name);
                assertThat(nic.families).contains(family);
            }
            long names = nics.values().stream().filter(n -> name.equals(n.names)).count();
            assertThat((long) cluster.vip(name).getStatus().getWaitingTotal())
                    .isEqualTo(names - (target == null ? 0 : 1));
        });
    }

    private Collection<NatPortRange> rows() {
        var rows = new TreeMap<String, NatPortRange>();
        for (String key : cluster.keys(VipNatTopology.PORTS)) {
            var row = cluster.harness.last(VipNatTopology.PORTS, key, NatPortRange.class);
            if (row != null) {
                rows.put("%s:%05d".formatted(row.getPublicIP(), row.getPort()), row);
            }
        }
        return rows.values();
    }

    private void rangesDoNotOverlap() {
        var served = new HashSet<String>();
        NatPortRange before = null;
        for (var range : rows()) {
            assertThat(nats).contains(range.getGateway());
            assertThat(nics.get(range.getName()).uid).isEqualTo(range.getUid());
            assertThat(served.add(range.getName())).as("one gateway each").isTrue();
            assertThat(range.getPort()).isGreaterThanOrEqualTo(1024);
            assertThat(range.getEndPort()).isLessThanOrEqualTo(65535);
            assertThat(
                            cluster.nat(range.getGateway()).getStatus().getIps().stream()
                                    .map(ip -> ip.getIp()))
                    .contains(range.getPublicIP());
            if (before != null && before.getPublicIP().equals(range.getPublicIP())) {
                assertThat(range.getPort()).isGreaterThan(before.getEndPort());
            }
            before = range;
        }
        var eligible = new TreeSet<String>();
        nics.forEach((name, nic) -> {
            if (nic.families.contains("IPv4")) {
                eligible.add(name);
            }
        });
        for (String name : nats) {
            var both = new TreeSet<>(served);
            both.addAll(cluster.nat(name).getStatus().getUnserved());
            assertThat(both).as("served, or named as not served").isEqualTo(eligible);
        }
    }

    private void poolsCountWhatIsHeld() {
        long held = grants().values().stream().filter(g -> g.getAddress() != null).count();
        long waiting = grants().values().stream().filter(g -> g.getReason() != null).count();
        var four = cluster.pool("four").getStatus();
        var six = cluster.pool("six").getStatus();
        assertThat(four.getAllocated() + six.getAllocated()).isEqualTo(held);
        assertThat(four.getWaiting() + six.getWaiting()).isEqualTo(waiting);
    }

    private void followFromEvents() {
        for (var kind :
                List.of(
                        VipNatTopology.virtualIps(),
                        VipNatTopology.natGateways(),
                        VipNatTopology.addressPools())) {
            cluster.keys(kind.events()).forEach(key -> cluster.assertFold(kind, key));
        }
        for (String key : cluster.keys(VipNatTopology.PORT_EVENTS)) {
            var event =
                    cluster.harness
                            .values(VipNatTopology.PORT_EVENTS, key, NatPortEvent.class)
                            .getLast();
            var row = cluster.harness.last(VipNatTopology.PORTS, key, NatPortRange.class);
            if (event.getAssigned()) {
                assertThat(List.of(row.getPublicIP(), row.getPort(), row.getUid(), row.getIp()))
                        .isEqualTo(
                                List.of(
                                        event.getPublicIP(),
                                        event.getPort(),
                                        event.getUid(),
                                        event.getIp()));
            } else {
                assertThat(row).isNull();
            }
        }
    }

    private void end() {
        List.copyOf(vips.keySet()).forEach(this::deleteVip);
        List.copyOf(nats).forEach(this::deleteNat);
        List.copyOf(balancers.keySet()).forEach(this::endBalancer);
        List.copyOf(nics.keySet()).forEach(this::deleteNic);
        assertThat(grants()).isEmpty();
        assertThat(rows()).isEmpty();
        cluster.pool("four", IPV4_RANGE, FURTHER_RANGE);
        cluster.harness.advance(Cluster.ADDRESSES_REST);
        cluster.tick();
        for (String pool : List.of("four", "six")) {
            var status = cluster.pool(pool).getStatus();
            assertThat(status.getFree())
                    .isEqualTo(status.getTotal())
                    .isEqualTo(pool.equals("four") ? "10" : "4");
            assertThat(status.getAllocated() + status.getQuarantined() + status.getWaiting())
                    .isZero();
            assertThat(status.getDraining()).isEmpty();
        }
        followFromEvents();
    }
}
