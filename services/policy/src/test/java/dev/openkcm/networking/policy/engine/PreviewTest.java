package dev.openkcm.networking.policy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.engine.Preview.Flows;
import dev.openkcm.networking.policy.engine.Preview.Party;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a preview says, against asking the raw policies about every pair before and after. */
class PreviewTest {

    private record End(Address address, Member interfaceOrNull, List<Member> owners) {}

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void tellsExactlyWhatChanges(long seed) throws Preview.TooLarge {
        var random = new Random(seed);
        var estates = new Estates(seed);
        var network = Estates.NETWORKS.getFirst();
        var engine = new PolicyEngine();
        for (int i = 1; i <= 8; i++) {
            engine.putMember(estates.networkInterface(network, i), PolicyEngine.Listener.NONE);
        }
        engine.putMember(estates.balancer(network, 1), PolicyEngine.Listener.NONE);
        var before = new ArrayList<Policy>();
        for (int i = 0; i < 4; i++) {
            before.add(estates.policy(network, i));
        }
        before.forEach(
                p -> engine.putPolicy(PolicyCompiler.compile(p), PolicyEngine.Listener.NONE));
        var after = new ArrayList<>(before);
        var changes = new ArrayList<Preview.Change>();
        var changed = estates.policy(network, random.nextInt(6));
        after.removeIf(p -> p.key().equals(changed.key()));
        after.add(changed);
        changes.add(new Preview.Change(changed.key(), changed));
        var gone = before.getFirst();
        if (!gone.key().equals(changed.key())) {
            after.remove(gone);
            changes.add(new Preview.Change(gone.key(), null));
        }

        var difference = Preview.of(engine, network, changes);

        int asked = 0;
        for (var from : ends(engine)) {
            for (var to : ends(engine)) {
                boolean meet =
                        from.address.family() == to.address.family()
                                && (from.interfaceOrNull != null || to.interfaceOrNull != null)
                                && (from.interfaceOrNull == null
                                        || !from.interfaceOrNull.equals(to.interfaceOrNull));
                if (!meet) {
                    continue;
                }
                for (var protocol : Protocol.values()) {
                    for (int port : new int[] {1, 79, 80, 81, 84, 85}) {
                        boolean was = passes(before, from, to, protocol, port);
                        boolean is = passes(after, from, to, protocol, port);
                        String what = "%s to %s %s %d".formatted(from, to, protocol, port);
                        assertThat(contains(difference.opened(), from, to, protocol, port))
                                .as("opens " + what)
                                .isEqualTo(is && !was);
                        assertThat(contains(difference.closed(), from, to, protocol, port))
                                .as("closes " + what)
                                .isEqualTo(was && !is);
                        asked++;
                    }
                }
            }
        }
        assertThat(asked).isGreaterThan(500);
    }

    private static List<End> ends(PolicyEngine engine) {
        var ends = new ArrayList<End>();
        for (var member : engine.members()) {
            for (var address : member.addresses()) {
                for (var some : samples(address)) {
                    ends.add(
                            new End(
                                    some,
                                    member.kind() == MemberKind.NetworkInterface ? member : null,
                                    List.of(member)));
                }
            }
        }
        for (String stranger : List.of("10.0.0.14", "203.0.113.9", "192.0.2.1", "fd00::6")) {
            ends.add(new End(Address.parse(stranger).orElseThrow(), null, List.of()));
        }
        return ends;
    }

    /** The address, or some of the range: its ends, and both sides of a bound in its middle. */
    private static List<Address> samples(Cidr addresses) {
        var first = Address.firstOf(addresses);
        var last = Address.lastOf(addresses);
        return addresses.isAddress()
                ? List.of(first)
                : List.of(
                        first,
                        Address.parse(first.toString().replaceAll("0$", "127")).orElseThrow(),
                        Address.parse(first.toString().replaceAll("0$", "128")).orElseThrow(),
                        last);
    }

    private static boolean passes(
            List<Policy> policies, End from, End to, Protocol protocol, int port) {
        return judged(policies, from, Direction.Egress, to, protocol, port)
                && judged(policies, to, Direction.Ingress, from, protocol, port);
    }

    private static boolean judged(
            List<Policy> policies,
            End subject,
            Direction direction,
            End other,
            Protocol protocol,
            int port) {
        return subject.interfaceOrNull == null
                || Raw.allows(
                        policies,
                        subject.interfaceOrNull,
                        direction,
                        new Raw.Other(other.address.cidr(), other.owners),
                        protocol,
                        port);
    }

    private static boolean contains(
            List<Flows> flows, End from, End to, Protocol protocol, int port) {
        return flows.stream()
                .anyMatch(f ->
                        has(f.from(), from)
                                && has(f.to(), to)
                                && f.ports().contains(protocol, port));
    }

    private static boolean has(List<Party> parties, End end) {
        return parties.stream()
                .anyMatch(p ->
                        switch (p) {
                            case Party.Of(var kind, var name, var addresses) ->
                                    end.owners.stream()
                                            .anyMatch(o ->
                                                    o.kind() == kind
                                                            && o.name().equals(name)
                                                            && addresses.contains(
                                                                    end.address.cidr()));
                            case Party.Outside(var addresses) ->
                                    end.owners.isEmpty() && addresses.contains(end.address);
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000})
    void aThousandAlikeAreOneFlow(int count) throws Preview.TooLarge {
        var network = Estates.NETWORKS.getFirst();
        var engine = new PolicyEngine();
        for (int i = 0; i < count; i++) {
            engine.putMember(
                    new Member(
                            MemberKind.NetworkInterface,
                            network,
                            "nic-" + i,
                            "uid",
                            1,
                            new TreeMap<>(),
                            List.of(
                                    Cidr.parseAddress("10.0.%d.%d".formatted(i / 250, i % 250))
                                            .orElseThrow())),
                    PolicyEngine.Listener.NONE);
        }
        var deny =
                new Policy(
                        network.sibling("deny"),
                        "uid",
                        1,
                        1,
                        new PolicySpec(
                                "net",
                                new PolicySpec.Labels(new TreeMap<>(), List.of()),
                                List.of("Ingress"),
                                List.of(),
                                List.of()));
        var difference = Preview.of(engine, network, List.of(new Preview.Change(deny.key(), deny)));
        assertThat(difference.opened()).isEmpty();
        assertThat(difference.closed())
                .anySatisfy(f -> {
                    assertThat(f.to()).hasSize(count);
                    assertThat(f.ports()).isEqualTo(PortSet.ALL);
                });
        assertThat(difference.closed().size()).isLessThan(4);
    }
}
