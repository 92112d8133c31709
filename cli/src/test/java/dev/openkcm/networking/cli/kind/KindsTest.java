package dev.openkcm.networking.cli.kind;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.output.Palette;
import dev.openkcm.networking.cli.output.ResourceTable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KindsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");

    @ParameterizedTest
    @CsvSource({
        "net, Network",
        "networks, Network",
        "NETWORK, Network",
        "Network, Network",
        "networks.networking.openkcm.dev, Network",
        "nic, NetworkInterface",
        "NetworkInterfaces, NetworkInterface",
        "vip, VirtualIP",
        "virtualips, VirtualIP",
        "nat, NATGateway",
        "natgateway, NATGateway",
        "lb, LoadBalancer",
        "loadbalancerroutings, LoadBalancerRouting",
        "np, NetworkPolicy",
        "networkpolicies, NetworkPolicy",
        "networkpolicyrules, NetworkPolicyRule",
        "pool, AddressPool"
    })
    void answerToEveryNameInAnyCase(String word, String kind) {
        assertThat(Kinds.find(word).map(Kind::name)).contains(kind);
    }

    @Test
    void areNotGuessed() {
        assertThat(Kinds.find("pods")).isEmpty();
    }

    @Test
    void noNameMeansTwoKinds() {
        List<String> names =
                Kinds.ALL.stream()
                        .flatMap(kind ->
                                Stream.concat(
                                        Stream.of(kind.plural(), kind.singular()),
                                        kind.shortNames().stream()))
                        .toList();

        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void aNetworkShowsItsIdAndHowManyPeeringsAreBound() throws Exception {
        JsonNode network =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "a", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "spec": {"providerID": "OpenKCM-net://system/n/4711/u",
                                          "peerings": [{"name": "p"}, {"name": "q"}]},
                                 "status": {"state": "Available",
                                            "peerings": [{"name": "p", "phase": "Bound"}, {"name": "q", "phase": "Pending"}]}}
                                """);

        assertThat(table("net", network, false))
                .containsExactly(
                        "NAMESPACE   NAME   STATE       ID     PEERINGS   AGE",
                        "shop        a      Available   4711   1/2        10s");
    }

    @Test
    void anInterfaceWithoutStatusShowsTheAddressesWanted() throws Exception {
        JsonNode nic =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "web", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "spec": {"networkRef": {"name": "a"}, "ips": [{"value": "10.0.0.1"}, {"value": "fd00::1"}]},
                                 "status": {"state": "Error", "conditions": [
                                    {"type": "AddressesHeld", "status": "False", "reason": "AddressInUse"}]}}
                                """);

        assertThat(table("nic", nic, true))
                .containsExactly(
                        "NAMESPACE   NAME   NETWORK   IPS                VIRTUALIP   STATE   AGE   MACHINE   PREFIXES   REASON",
                        "shop        web    a         10.0.0.1,fd00::1   <none>      Error   10s   <none>    <none>     AddressInUse");
    }

    @Test
    void aRoutingShowsTheFirstThreeTargets() throws Exception {
        JsonNode routing =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "lb", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "networkRef": {"name": "net"},
                                 "destinations": [{"name": "a", "ip": "10.0.0.1"}, {"name": "b", "ip": "10.0.0.2"},
                                                  {"name": "c", "ip": "10.0.0.3"}, {"name": "d", "ip": "10.0.0.4"}]}
                                """);

        assertThat(table("lbr", routing, false))
                .containsExactly(
                        "NAMESPACE   NAME   NETWORK   DESTINATIONS   TARGETS                                       AGE",
                        "shop        lb     net       4              a=10.0.0.1,b=10.0.0.2,c=10.0.0.3 and 1 more   10s");
    }

    @Test
    void aLoadBalancerShowsWhatItSelects() throws Exception {
        JsonNode balancer =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "lb", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "spec": {"type": "Public", "networkRef": {"name": "net"},
                                          "networkInterfaceSelector": {"matchLabels": {"app": "web"},
                                            "matchExpressions": [{"key": "env", "operator": "In", "values": ["a", "b"]}]},
                                          "ports": [{"port": 80, "endPort": 90, "protocol": "TCP"}]},
                                 "status": {"state": "Available", "ips": ["203.0.113.1"]}}
                                """);

        assertThat(table("lb", balancer, true).getLast())
                .contains("203.0.113.1", "80-90/TCP", "Available", "app=web,env In (a,b)");
    }

    @Test
    void aVirtualIpShowsItsAddressAndWhoHasIt() throws Exception {
        JsonNode vip =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "vip", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "spec": {"type": "Public", "ipFamily": "IPv4"},
                                 "status": {"state": "Available", "ip": "203.0.113.7", "pool": "public-ipv4",
                                            "targetRef": {"kind": "NetworkInterface", "name": "web", "uid": "u"},
                                            "waitingTotal": 2}}
                                """);

        assertThat(table("vip", vip, false))
                .containsExactly(
                        "NAMESPACE   NAME   TYPE     FAMILY   IP            TARGET                 STATE       AGE",
                        "shop        vip    Public   IPv4     203.0.113.7   networkinterface/web   Available   10s");
        assertThat(table("vip", vip, true))
                .containsExactly(
                        "NAMESPACE   NAME   TYPE     FAMILY   IP            TARGET                 STATE       AGE   POOL          WAITING   REASON",
                        "shop        vip    Public   IPv4     203.0.113.7   networkinterface/web   Available   10s   public-ipv4   2         <none>");
    }

    @Test
    void aGatewayShowsItsAddressesAndWhomItServes() throws Exception {
        JsonNode gateway =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "gw", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "spec": {"type": "Public", "ipFamily": "IPv4", "networkRef": {"name": "net"},
                                          "portsPerNetworkInterface": 64},
                                 "status": {"state": "Available", "slots": 1008, "used": 5, "requested": 7,
                                            "unserved": ["a", "b", "c", "d"],
                                            "ips": [{"name": "ip1", "ip": "203.0.113.7"}, {"name": "ip2", "ip": "203.0.113.8"}],
                                            "conditions": [{"type": "AllServed", "status": "False", "reason": "PortsExhausted"}]}}
                                """);

        assertThat(table("nat", gateway, false))
                .containsExactly(
                        "NAMESPACE   NAME   NETWORK   IPS                       USED/REQUESTED   STATE       AGE",
                        "shop        gw     net       203.0.113.7,203.0.113.8   5/7              Available   10s");
        assertThat(table("nat", gateway, true).getFirst())
                .endsWith("AGE   FAMILY   PORTS   SLOTS   UNSERVED           REASON");
        assertThat(table("nat", gateway, true).getLast())
                .endsWith("10s   IPv4     64      1008    a,b,c and 1 more   PortsExhausted");
    }

    @Test
    void aPoolShowsHowItIsUsed() throws Exception {
        JsonNode pool =
                new ObjectMapper()
                        .readTree(
                                """
                                {"metadata": {"name": "public", "creationTimestamp": "2026-01-01T00:00:00Z"},
                                 "spec": {"ipFamily": "IPv4", "cidrs": ["203.0.113.0/24", "198.51.100.0/25"]},
                                 "status": {"state": "Available", "total": 384, "allocated": 9, "quarantined": 2,
                                            "free": 377, "waiting": 3,
                                            "draining": [{"cidr": "192.0.2.0/24", "allocated": 4, "quarantined": 0}],
                                            "conditions": [{"type": "AddressesExhausted", "status": "False", "reason": "AddressesFree"}]}}
                                """);

        assertThat(table("pool", pool, false))
                .containsExactly(
                        "NAME     FAMILY   CIDRS                            ALLOCATED   FREE   STATE       AGE",
                        "public   IPv4     203.0.113.0/24,198.51.100.0/25   9           377    Available   10s");
        assertThat(table("pool", pool, true).getFirst())
                .endsWith("AGE   TOTAL   QUARANTINED   WAITING   DRAINING       REASON");
        assertThat(table("pool", pool, true).getLast())
                .endsWith("10s   384     2             3         192.0.2.0/24   <none>");
        ((ObjectNode) pool.at("/status/conditions/0"))
                .put("status", "True")
                .put("reason", "NoFreeAddress");
        assertThat(table("pool", pool, true).getLast()).endsWith(" NoFreeAddress");
    }

    @Test
    void everyColumnCopesWithAnEmptyDocument() throws Exception {
        JsonNode empty = new ObjectMapper().readTree("{}");

        for (Kind kind : Kinds.ALL) {
            assertThat(table(kind.plural(), empty, true)).hasSize(2);
        }
    }

    private static List<String> table(String word, JsonNode document, boolean wide) {
        Optional<Kind> kind = Kinds.find(word);
        return new ResourceTable(kind.orElseThrow(), wide, true)
                .of(List.of(document), NOW)
                .lines(Palette.PLAIN);
    }
}
