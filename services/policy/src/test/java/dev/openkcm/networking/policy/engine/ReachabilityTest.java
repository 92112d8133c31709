package dev.openkcm.networking.policy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.NetworkFact;
import dev.openkcm.networking.policy.domain.PolicySpec;
import dev.openkcm.networking.policy.domain.PolicySpec.Block;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.domain.PolicySpec.Peer;
import dev.openkcm.networking.policy.domain.PolicySpec.Port;
import dev.openkcm.networking.policy.domain.PolicySpec.Rule;
import dev.openkcm.networking.policy.domain.PolicySpec.Selected;
import dev.openkcm.networking.policy.engine.Reachability.Answer;
import dev.openkcm.networking.policy.engine.Reachability.Party;
import dev.openkcm.networking.policy.engine.Reachability.Path;
import dev.openkcm.networking.policy.engine.Reachability.Question;
import dev.openkcm.networking.policy.engine.Reachability.Unanswerable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the policies at both ends see of a connection, and how it is told. */
class ReachabilityTest {

    private static final ResourceKey NET = new ResourceKey("default", "net");
    private static final ResourceKey PEER = new ResourceKey("partner", "net");
    private static final List<Port> ALL_TCP = List.of(new Port("TCP", null, null));

    private final Estate estate = new Estate();

    @BeforeEach
    void fill() {
        estate.putNetwork(new Estate.Network(NET, NetworkFact.Available, List.of(PEER)));
        estate.putNetwork(new Estate.Network(PEER, NetworkFact.Available, List.of(NET)));
        nic(NET, "web", "web", "10.0.0.1", "fd00::1");
        nic(NET, "db", "db", "10.0.0.2", "fd00::2");
        nic(NET, "old", "old", "10.0.0.3");
        nic(PEER, "far", "web", "10.9.0.1");
    }

    private void nic(ResourceKey network, String name, String app, String... addresses) {
        member(MemberKind.NetworkInterface, network, name, app, addresses);
    }

    private void member(
            MemberKind kind, ResourceKey network, String name, String app, String... addresses) {
        var ranges = new ArrayList<Cidr>();
        for (String address : addresses) {
            ranges.add(
                    (address.contains("/") ? Cidr.parse(address) : Cidr.parseAddress(address))
                            .orElseThrow());
        }
        estate.putMember(
                new Member(
                        kind, network, name, "uid", 1, new TreeMap<>(Map.of("app", app)), ranges));
    }

    private void virtualIp(String name, String address, String target) {
        estate.putVirtualIp(
                new VirtualIp(
                        NET.sibling(name),
                        "uid",
                        1,
                        new TreeMap<>(Map.of("app", name)),
                        Cidr.parseAddress(address).orElseThrow(),
                        MemberKind.NetworkInterface,
                        target));
    }

    private static Labels app(String app) {
        return new Labels(new TreeMap<>(Map.of("app", app)), List.of());
    }

    private static Peer selected(String kind, String app) {
        return new Peer(null, new Selected(kind, app(app)));
    }

    private static Peer block(String cidr) {
        return new Peer(new Block(cidr, List.of()), null);
    }

    private void ingress(ResourceKey network, String name, String app, Peer... peers) {
        policy(
                network,
                name,
                app,
                List.of("Ingress"),
                peers.length == 0 ? List.of() : List.of(new Rule(ALL_TCP, List.of(peers))),
                List.of());
    }

    private void egress(String name, String app, Peer... peers) {
        policy(
                NET,
                name,
                app,
                List.of("Egress"),
                List.of(),
                peers.length == 0 ? List.of() : List.of(new Rule(ALL_TCP, List.of(peers))));
    }

    private void policy(
            ResourceKey network,
            String name,
            String app,
            List<String> types,
            List<Rule> ingress,
            List<Rule> egress) {
        estate.putPolicy(
                new Policy(
                        network.sibling(name),
                        "uid",
                        1,
                        1,
                        new PolicySpec(network.name(), app(app), types, ingress, egress)));
    }

    private static Party party(String text) {
        var address = Address.parse(text);
        if (address.isPresent()) {
            return new Party.At(address.get());
        }
        return text.startsWith("lb")
                ? new Party.Named(MemberKind.LoadBalancer, text)
                : text.startsWith("vip")
                        ? new Party.Named(MemberKind.VirtualIP, text)
                        : new Party.Named(MemberKind.NetworkInterface, text);
    }

    private Answer ask(String from, String to) throws Unanswerable {
        return Reachability.answer(
                estate, new Question(NET, party(from), party(to), Protocol.TCP, 5432, null));
    }

    private Path only(Answer answer) {
        assertThat(answer.paths()).hasSize(1);
        return answer.paths().getFirst();
    }

    @Test
    void everythingIsOpenWithoutPolicies() throws Unanswerable {
        var answer = ask("web", "db");
        assertThat(answer.allowed()).isTrue();
        assertThat(answer.paths()).as("one for each family").hasSize(2);
        assertThat(Explanation.of(answer))
                .isEqualTo(
                        "NetworkInterface web can reach NetworkInterface db on TCP 5432: egress from"
                                + " NetworkInterface web is open, no policy isolates it; ingress to"
                                + " NetworkInterface db is open, no policy isolates it.");
    }

    @Test
    void theDeciderIsNamedAndForADefaultDenyWhoIsolates() throws Unanswerable {
        ingress(NET, "db-policy", "db", block("192.0.2.0/24"), selected("NetworkInterface", "web"));
        ingress(NET, "deny", "db");
        var allowed = ask("web", "db");
        var verdict = allowed.paths().getFirst().ingress().verdict();
        assertThat(verdict.allowedBy())
                .singleElement()
                .returns(NET.sibling("db-policy"), Verdict.Decider::policy)
                .returns("spec.ingress[0].from[1]", d -> d.rule().path());
        var denied = ask("old", "db");
        assertThat(denied.allowed()).isFalse();
        assertThat(denied.paths().getFirst().ingress().verdict().isolatedBy())
                .containsExactly(NET.sibling("db-policy"), NET.sibling("deny"));
        assertThat(Explanation.of(denied))
                .contains("can't reach")
                .contains("denied by default, isolated by NetworkPolicy db-policy, deny");
    }

    @Test
    void familiesAreJudgedEachByItself() throws Unanswerable {
        ingress(NET, "v4-only", "db", block("10.0.0.0/8"));
        var answer = ask("web", "db");
        assertThat(answer.paths()).extracting(Path::allowed).containsExactly(true, false);
        assertThat(answer.allowed()).isFalse();
        assertThat(Explanation.of(answer)).contains("can't always reach");
    }

    @Test
    void aVirtualIpIsSeenBySenderAndThePrivateAddressByReceiver() throws Unanswerable {
        virtualIp("vip-db", "203.0.113.2", "db");
        var fromOutside = only(ask("198.51.100.7", "vip-db"));
        assertThat(fromOutside.sent().destination()).hasToString("203.0.113.2");
        assertThat(fromOutside.received().source()).hasToString("198.51.100.7");
        assertThat(fromOutside.received().destination()).hasToString("10.0.0.2");
        assertThat(fromOutside.allowed()).isTrue();

        assertThat(only(ask("web", "203.0.113.2")).obstacle())
                .contains("web has neither a VirtualIP nor a NATGateway address");
        virtualIp("vip-web", "203.0.113.1", "web");
        ingress(NET, "from-web", "db", selected("NetworkInterface", "web"));
        var translated = only(ask("web", "203.0.113.2"));
        assertThat(translated.received().source()).hasToString("203.0.113.1");
        assertThat(translated.allowed()).as("it arrives from the public address").isFalse();
        ingress(NET, "from-vip", "db", selected("VirtualIP", "vip-web"));
        assertThat(ask("web", "203.0.113.2").allowed()).isTrue();

        egress("to-vip", "web", selected("VirtualIP", "vip-db"));
        assertThat(ask("web", "203.0.113.2").allowed()).isTrue();
        assertThat(ask("web", "10.0.0.2").allowed())
                .as("egress to the private address is another matter")
                .isFalse();
    }

    @Test
    void whatGoesThroughANatGatewayArrivesFromItsAddress() throws Unanswerable {
        virtualIp("vip-db", "203.0.113.2", "db");
        estate.putGatewayAddress(
                NET.sibling("old"), "nat", Cidr.parseAddress("203.0.113.99").orElseThrow());
        ingress(NET, "from-nat", "db", block("203.0.113.99/32"));
        assertThat(only(ask("old", "203.0.113.2")).allowed()).isTrue();
        assertThat(only(ask("old", "192.0.2.1")).received().source()).hasToString("203.0.113.99");
        estate.putGatewayAddress(NET.sibling("old"), "nat", null);
        assertThat(only(ask("old", "203.0.113.2")).allowed()).isFalse();
    }

    @Test
    void behindABalancerTheDestinationIsStillTheBalancer() throws Unanswerable {
        member(MemberKind.LoadBalancer, NET, "lb", "front", "10.0.0.100");
        estate.putBalancing(
                NET.sibling("lb"),
                new Estate.Balancing(
                        PortSet.of(List.of(new PortSet.Range(Protocol.TCP, 5432, 5433))),
                        LabelSelector.parse("app in (db,old)").orElseThrow()));
        egress("to-lb", "web", selected("LoadBalancer", "front"));
        var answer = ask("web", "lb");
        assertThat(answer.paths())
                .extracting(p -> p.ingress().networkInterface().name())
                .containsExactly("db", "old");
        assertThat(answer.paths()).allSatisfy(p -> assertThat(p.received()).isEqualTo(p.sent()));
        assertThat(answer.allowed()).isTrue();
        assertThat(ask("web", "db").allowed()).as("past the balancer").isFalse();

        ingress(NET, "old-from-lb", "old", selected("LoadBalancer", "front"));
        assertThat(ask("web", "lb").allowed())
                .as("the source is the client, not the balancer")
                .isFalse();
        var closed =
                Reachability.answer(
                        estate,
                        new Question(NET, party("web"), party("lb"), Protocol.UDP, 5432, null));
        assertThat(only(closed).obstacle()).contains("does not pass on UDP 5432");
    }

    @Test
    void peeredInterfacesAreFoundByRangesAlone() throws Unanswerable {
        assertThat(ask("web", "10.9.0.1").allowed()).isTrue();
        ingress(PEER, "by-label", "web", selected("NetworkInterface", "web"));
        assertThat(ask("web", "10.9.0.1").allowed()).isFalse();
        ingress(PEER, "by-range", "web", block("10.0.0.0/24"));
        assertThat(ask("web", "10.9.0.1").allowed()).isTrue();
        egress("by-label", "web", selected("NetworkInterface", "web"));
        assertThat(ask("web", "10.9.0.1").allowed()).isFalse();
        assertThat(only(ask("10.9.0.1", "old")).allowed()).isTrue();
    }

    @Test
    void prefixesBelongToTheirInterface() throws Unanswerable {
        nic(NET, "router", "router", "10.0.0.9", "10.7.0.0/16");
        egress("to-router", "web", selected("NetworkInterface", "router"));
        assertThat(ask("web", "10.7.1.2").allowed()).isTrue();
        assertThat(ask("web", "10.8.1.2").allowed()).isFalse();
    }

    @Test
    void anInterfaceReachesItselfAndOneWithoutAddressNobody() throws Unanswerable {
        ingress(NET, "deny", "old");
        assertThat(ask("old", "old").allowed()).isTrue();
        nic(NET, "empty", "empty");
        assertThat(only(ask("web", "empty")).obstacle())
                .isEqualTo("NetworkInterface empty has no address");
    }

    @Test
    void whatCantBeAskedIsToldSo() {
        assertThatThrownBy(() -> ask("web", "nobody"))
                .hasMessage("there is no NetworkInterface nobody in Network default/net");
        assertThatThrownBy(() -> ask("192.0.2.1", "192.0.2.2"))
                .hasMessageContaining("neither 192.0.2.1 nor 192.0.2.2 is in Network");
        member(MemberKind.LoadBalancer, NET, "lb", "front", "10.0.0.100");
        assertThatThrownBy(() -> ask("lb", "web")).hasMessageContaining("opens no connections");
    }
}
