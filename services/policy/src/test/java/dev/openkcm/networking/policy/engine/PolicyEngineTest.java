package dev.openkcm.networking.policy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.domain.PolicySpec.Expression;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.engine.PolicyEngine.Group;
import dev.openkcm.networking.policy.engine.PolicyEngine.Listener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any history leaves the engine where a fresh one would be, and both agree with the raw policies.
 */
class PolicyEngineTest {

    /** What the listener was told, as rows: group and member to addresses. */
    private static final class Heard implements Listener {
        final Map<String, String> rows = new TreeMap<>();

        private static String key(Group group, Member member) {
            return group.id() + "/" + member.name();
        }

        private static String row(Member member) {
            return member.uid() + " " + member.addresses();
        }

        @Override
        public void joined(Group group, Member member) {
            assertThat(rows.put(key(group, member), row(member))).as("joined twice").isNull();
        }

        @Override
        public void left(Group group, Member member) {
            assertThat(rows.remove(key(group, member)))
                    .as("left, with what it had")
                    .isEqualTo(row(member));
        }

        @Override
        public void changed(Group group, Member before, Member now) {
            assertThat(rows.put(key(group, now), row(now))).isEqualTo(row(before));
        }
    }

    /** What there is, beside the engine. */
    private static final class World {
        final Map<String, Member> members = new TreeMap<>();
        final Map<ResourceKey, VirtualIp> virtualIps = new TreeMap<>();
        final Map<ResourceKey, Policy> policies = new TreeMap<>();

        /** VirtualIPs as members of the Networks of the interfaces that use them, by definition. */
        List<Member> all() {
            var all = new ArrayList<>(members.values());
            for (var virtualIp : virtualIps.values()) {
                members.values().stream()
                        .filter(m ->
                                m.kind() == virtualIp.targetKind()
                                        && m.network()
                                                .namespace()
                                                .equals(virtualIp.key().namespace())
                                        && m.name().equals(virtualIp.targetName()))
                        .forEach(m ->
                                all.add(
                                        new Member(
                                                MemberKind.VirtualIP,
                                                m.network(),
                                                virtualIp.key().name(),
                                                virtualIp.uid(),
                                                virtualIp.version(),
                                                virtualIp.labels(),
                                                Optional.ofNullable(virtualIp.address())
                                                        .map(List::of)
                                                        .orElse(List.of()))));
            }
            return all;
        }

        Map<String, String> rows() {
            var rows = new TreeMap<String, String>();
            var all = all();
            for (var policy : policies.values()) {
                for (var selection : PolicyCompiler.compile(policy).selections()) {
                    for (var member : all) {
                        if (member.kind() == selection.kind()
                                && member.network().equals(policy.network())
                                && selection.selector().matches(member.labels())) {
                            rows.put(selection.group() + "/" + member.name(), Heard.row(member));
                        }
                    }
                }
            }
            return rows;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void anyHistoryAgreesWithTheRawPolicies(long seed) {
        var random = new Random(seed);
        var estates = new Estates(seed);
        var engine = new PolicyEngine();
        var heard = new Heard();
        var world = new World();
        // An interface name is in one Network of its namespace at a time.
        var homes = new HashMap<String, ResourceKey>();
        for (int step = 0; step < 400; step++) {
            var network = Estates.NETWORKS.get(random.nextInt(3));
            int number = 1 + random.nextInt(9);
            boolean remove = random.nextInt(4) == 0;
            switch (random.nextInt(4)) {
                case 0 -> {
                    var member = estates.networkInterface(network, number);
                    String home = network.namespace() + "/" + member.name();
                    var before = homes.get(home);
                    if (before != null && (remove || !before.equals(network))) {
                        String key = Member.key(member.kind(), before, member.name());
                        engine.removeMember(key, heard);
                        world.members.remove(key);
                        homes.remove(home);
                    }
                    if (!remove) {
                        engine.putMember(member, heard);
                        world.members.put(member.key(), member);
                        homes.put(home, network);
                    }
                }
                case 1 -> {
                    var member =
                            estates.balancer(
                                    network, 10 * Estates.NETWORKS.indexOf(network) + number % 4);
                    if (remove) {
                        engine.removeMember(member.key(), heard);
                        world.members.remove(member.key());
                    } else {
                        engine.putMember(member, heard);
                        world.members.put(member.key(), member);
                    }
                }
                case 2 -> {
                    var virtualIp = estates.virtualIp(network.namespace(), number % 5);
                    if (remove) {
                        engine.removeVirtualIp(virtualIp.key(), heard);
                        world.virtualIps.remove(virtualIp.key());
                    } else {
                        engine.putVirtualIp(virtualIp, heard);
                        world.virtualIps.put(virtualIp.key(), virtualIp);
                    }
                }
                default -> {
                    var policy = estates.policy(network, number % 5);
                    if (remove) {
                        engine.removePolicy(policy.key(), heard);
                        world.policies.remove(policy.key());
                    } else {
                        engine.putPolicy(PolicyCompiler.compile(policy), heard);
                        world.policies.put(policy.key(), policy);
                    }
                }
            }
            if (step % 20 == 0) {
                assertThat(heard.rows).isEqualTo(world.rows());
            }
        }
        assertThat(heard.rows).isEqualTo(world.rows());
        assertThat(engine.members()).containsExactlyInAnyOrderElementsOf(world.all());
        assertThat(verdicts(engine, world)).isGreaterThan(5_000);

        List.copyOf(world.policies.keySet()).forEach(k -> engine.removePolicy(k, heard));
        assertThat(heard.rows).isEmpty();
        assertThat(engine.groups()).isEmpty();
    }

    private static int verdicts(PolicyEngine engine, World world) {
        var evaluator = new Evaluator(engine);
        var all = world.all();
        var strangers =
                List.of("10.0.0.200", "203.0.113.250", "192.0.2.1", "fd00::5", "2001:db8::1");
        int count = 0;
        for (var subject : all) {
            if (subject.kind() != MemberKind.NetworkInterface) {
                continue;
            }
            var others = new ArrayList<Raw.Other>();
            for (var other : all) {
                if (other.network().equals(subject.network())) {
                    other.addresses()
                            .forEach(a ->
                                    others.add(
                                            new Raw.Other(a.truncate(a.length()), List.of(other))));
                }
            }
            strangers.forEach(
                    s -> others.add(new Raw.Other(Cidr.parseAddress(s).orElseThrow(), List.of())));
            for (var other : others) {
                if (!other.address().isAddress()) {
                    continue;
                }
                var endpoint =
                        Endpoint.of(
                                engine,
                                Address.firstOf(other.address()),
                                other.owners().stream().map(Member::key).toList());
                for (var direction : Direction.values()) {
                    var quick = evaluator.subject(subject.key(), direction);
                    var ports = quick.ports(endpoint);
                    for (var protocol : Protocol.values()) {
                        for (int port : new int[] {1, 79, 80, 81, 82, 84, 65535}) {
                            boolean expected =
                                    Raw.allows(
                                            world.policies.values(),
                                            subject,
                                            direction,
                                            other,
                                            protocol,
                                            port);
                            var verdict =
                                    evaluator.judge(
                                            subject.key(), direction, endpoint, protocol, port);
                            assertThat(verdict.allowed())
                                    .as("%s %s %s", subject, direction, other)
                                    .isEqualTo(expected);
                            assertThat(quick.allows(endpoint, PortSet.number(protocol, port)))
                                    .isEqualTo(expected);
                            assertThat(ports.contains(protocol, port)).isEqualTo(expected);
                            assertThat(verdict.reason() == Verdict.Reason.NotIsolated)
                                    .isEqualTo(!quick.isolated());
                            count++;
                        }
                    }
                }
            }
        }
        return count;
    }

    @Test
    void equalSelectorsAreOneGroupWhateverTheirSpelling() {
        var network = Estates.NETWORKS.getFirst();
        var match = new TreeMap<>(Map.of("app", "web", "tier", "front"));
        var spelled =
                List.of(
                        new Expression("tier", "In", List.of("front", "front")),
                        new Expression("app", "In", List.of("web")),
                        new Expression("app", "In", List.of("web")));
        var engine = new PolicyEngine();
        int number = 0;
        for (var labels :
                List.of(
                        new Labels(match, List.of()),
                        new Labels(new TreeMap<>(), spelled),
                        new Labels(match, spelled))) {
            var spec =
                    new PolicySpec(
                            network.name(), labels, List.of("Ingress"), List.of(), List.of());
            engine.putPolicy(
                    PolicyCompiler.compile(
                            new Policy(network.sibling("p-" + ++number), "uid", 1, 1, spec)),
                    Listener.NONE);
        }
        assertThat(engine.groups())
                .singleElement()
                .satisfies(g -> assertThat(g.users()).hasSize(3));
    }

    @Test
    void compilingAgainGivesTheSameRules() {
        for (int i = 0; i < 50; i++) {
            var policy = new Estates(i).policy(Estates.NETWORKS.getFirst(), i);
            assertThat(PolicyCompiler.compile(policy).rules())
                    .isEqualTo(PolicyCompiler.compile(policy).rules());
        }
    }

    @Test
    void exceptsAreSubtracted() {
        var left =
                AddressSet.of(List.of(Cidr.parse("10.0.0.0/24").orElseThrow()))
                        .minus(AddressSet.of(List.of(Cidr.parse("10.0.0.64/26").orElseThrow())));
        assertThat(left).hasToString("[10.0.0.0/26, 10.0.0.128/25]");
        var all = AddressSet.of(List.of(Cidr.parse("::/0").orElseThrow()));
        var one = AddressSet.of(List.of(Cidr.parse("::1/128").orElseThrow()));
        assertThat(all.minus(one).cidrs()).hasSize(128);
        assertThat(all.minus(all).isEmpty()).isTrue();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void setsOfAddressesAndPortsAgreeWithCounting(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            var plus = new ArrayList<Cidr>();
            var minus = new ArrayList<Cidr>();
            for (int i = 0; i < 4; i++) {
                int length = 24 + random.nextInt(9);
                var cidr =
                        Cidr.parseAddress("10.0.0." + random.nextInt(256))
                                .orElseThrow()
                                .truncate(length);
                (random.nextBoolean() ? plus : minus).add(cidr);
            }
            var set = AddressSet.of(plus).minus(AddressSet.of(minus));
            var again = AddressSet.of(set.cidrs());
            assertThat(again).isEqualTo(set);
            var some = ports(random);
            var other = ports(random);
            for (int i = 0; i < 256; i++) {
                var address = Cidr.parseAddress("10.0.0." + i).orElseThrow();
                assertThat(set.contains(Address.firstOf(address)))
                        .isEqualTo(
                                plus.stream().anyMatch(c -> c.contains(address))
                                        && minus.stream().noneMatch(c -> c.contains(address)));
                int port = PortSet.number(Protocol.UDP, 1 + i);
                assertThat(some.minus(other).contains(port))
                        .isEqualTo(some.contains(port) && !other.contains(port));
                assertThat(some.union(other).contains(port))
                        .isEqualTo(some.contains(port) || other.contains(port));
                assertThat(some.intersect(other).contains(port))
                        .isEqualTo(some.contains(port) && other.contains(port));
            }
        }
    }

    private static PortSet ports(Random random) {
        var ranges = new ArrayList<PortSet.Range>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int first = 1 + random.nextInt(200);
            ranges.add(new PortSet.Range(Protocol.UDP, first, first + random.nextInt(50)));
        }
        return PortSet.of(ranges);
    }

    @Test
    void addressesKnowTheirNeighbours() {
        var edge = Address.parse("::ffff:ffff:ffff:ffff").orElseThrow();
        assertThat(edge.next()).hasToString("0:0:0:1::");
        assertThat(edge.next().previous()).isEqualTo(edge);
        assertThat(Address.last(IpFamily.IPv6))
                .hasToString("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        assertThat(Address.last(IpFamily.IPv4)).hasToString("255.255.255.255");
    }
}
