package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolState;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.common.v1.Condition;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayIP;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayState;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPClaimant;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPEvent;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPState;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deciders, the allocator of addresses and the port tables together. */
class VipNatTopologyTest {

    @TempDir private Path stateDir;

    private Cluster cluster;

    @BeforeEach
    void start() {
        cluster = new Cluster(stateDir);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static String reason(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(c -> c.getType().equals(type))
                .map(Condition::getReason)
                .findFirst()
                .orElse("");
    }

    @Nested
    class VirtualIps {

        private String target(String vip) {
            var target = cluster.vip(vip).getStatus().getTargetRef();
            return target == null ? "none" : target.getKind() + " " + target.getName();
        }

        @Test
        void haveAnAddressWhateverComesFirst() {
            cluster.vip("early", "IPv4");
            assertThat(cluster.vip("early").getStatus().getState())
                    .isEqualTo(VirtualIPState.Pending);
            assertThat(reason(cluster.vip("early").getStatus().getConditions(), "AddressAllocated"))
                    .isEqualTo("AddressesExhausted");

            cluster.pool("pool", "203.0.113.0/30");
            cluster.vip("late", "IPv4");

            assertThat(cluster.vip("early").getStatus().getIp()).isEqualTo("203.0.113.0");
            assertThat(cluster.vip("late").getStatus().getIp()).isEqualTo("203.0.113.1");
            assertThat(cluster.pool("pool").getStatus().getAllocated()).isEqualTo(2);
            assertThat(cluster.pool("pool").getStatus().getFree()).isEqualTo("2");
        }

        @Test
        void haveAnAddressWhateverNoOwnerWrites() {
            cluster.harness.publishNobodysRecords();

            cluster.pool("pool", "203.0.113.0/30");
            cluster.vip("a", "IPv4");
            assertThat(cluster.vip("a").getStatus().getIp()).isEqualTo("203.0.113.0");
        }

        @Test
        void showExhaustionOnTheWaiterAndOnThePool() {
            cluster.pool("pool", "203.0.113.0/32");
            cluster.vip("a", "IPv4");
            cluster.vip("b", "IPv4");
            cluster.vip("c", "IPv4");
            assertThat(reason(cluster.vip("b").getStatus().getConditions(), "AddressAllocated"))
                    .isEqualTo("AddressesExhausted");
            var status = cluster.pool("pool").getStatus();
            assertThat(status.getWaiting()).isEqualTo(2);
            assertThat(reason(status.getConditions(), "AddressesExhausted"))
                    .isEqualTo("NoFreeAddress");

            cluster.delete(VipNatTopology.virtualIps(), "default/a");
            assertThat(cluster.pool("pool").getStatus().getQuarantined()).isEqualTo(1);
            assertThat(cluster.vip("b").getStatus().getIp()).isNull();
            cluster.harness.advance(Cluster.ADDRESSES_REST);
            cluster.tick();
            assertThat(cluster.vip("b").getStatus().getIp()).isEqualTo("203.0.113.0");
            assertThat(cluster.vip("c").getStatus().getIp()).isNull();
        }

        @Test
        void areGivenToWhoeverCameFirstAndThenToTheNext() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.nic("a", "vip");
            cluster.vip("vip", "IPv4");
            cluster.nic("b", "vip");
            cluster.nic("c", "vip");
            assertThat(target("vip")).isEqualTo("NetworkInterface a");
            assertThat(cluster.vip("vip").getStatus().getWaiting())
                    .extracting(VirtualIPClaimant::getName, VirtualIPClaimant::getReason)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("b", "VirtualIPInUse"),
                            org.assertj.core.groups.Tuple.tuple("c", "VirtualIPInUse"));

            cluster.nic("b", null); // Does not name it any more.
            cluster.nicGone("a");
            assertThat(target("vip")).isEqualTo("NetworkInterface c");
            String address = cluster.vip("vip").getStatus().getIp();
            cluster.nic("c", "other");
            assertThat(target("vip")).isEqualTo("none");
            assertThat(cluster.vip("vip").getStatus().getIp()).isEqualTo(address);
        }

        @Test
        void passOverWhoHasNoAddressOfTheFamily() {
            cluster.pool("six", "2001:db8:100::/64");
            cluster.vip("vip", "IPv6");
            cluster.nic("four", "vip");
            assertThat(target("vip")).isEqualTo("none");
            assertThat(cluster.vip("vip").getStatus().getWaiting())
                    .extracting(VirtualIPClaimant::getReason)
                    .containsExactly("IPFamilyMismatch");
            cluster.nic("six", "uid-six", Set.of("IPv6"), "vip");
            assertThat(target("vip")).isEqualTo("NetworkInterface six");
            assertThat(cluster.vip("vip").getStatus().getIp()).isEqualTo("2001:db8:100::");
        }

        @Test
        void belongToAUidNotToAName() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.vip("vip", "IPv4");
            cluster.nic("a", "vip");
            cluster.nic("b", "vip");
            cluster.nic("a", "another-uid", Set.of("IPv4"), "vip");
            assertThat(target("vip")).isEqualTo("NetworkInterface b");
        }

        @Test
        void areDetachedBeforeTheyAreDeleted() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.vip("vip", "IPv4");
            cluster.nic("a", "vip");
            cluster.delete(VipNatTopology.virtualIps(), "default/vip");
            assertThat(cluster.vip("vip")).isNull();
            assertThat(
                            cluster
                                    .harness
                                    .values(
                                            VipNatTopology.virtualIps().events(),
                                            "default/vip",
                                            VirtualIPEvent.class)
                                    .stream()
                                    .map(e -> ((SpecificRecord) e.getEvent()).getSchema().getName())
                                    .toList())
                    .endsWith("VirtualIPTargetReleased", "VirtualIPDeleted");
            assertThat(cluster.grant("VirtualIP/default/vip/ipv4-address")).isNull();
        }

        @Test
        void ofOneFamilyDoNotEndTheClaimsOfTheOther() {
            cluster.pool("four", "203.0.113.0/24");
            cluster.pool("six", "2001:db8:100::/64");
            cluster.vip("vip", "IPv4");
            cluster.delete(VipNatTopology.virtualIps(), "default/vip");
            cluster.vip("vip", "IPv6");
            // Families are served by different tasks, whose records may come in any order.
            assertThat(cluster.grant("VirtualIP/default/vip/ipv4-address")).isNull();
            assertThat(cluster.grant("VirtualIP/default/vip/ipv6-address").getAddress())
                    .isEqualTo("2001:db8:100::");
            assertThat(cluster.vip("vip").getStatus().getIp()).isEqualTo("2001:db8:100::");
        }

        @Test
        void areKeptWhenAClaimIsSentAgain() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.vip("vip", "IPv4");
            String address = cluster.vip("vip").getStatus().getIp();
            var claims =
                    cluster.harness.values(VipNatTopology.CLAIMS, "IPv4", PublicAddressClaim.class);
            claims.forEach(c -> cluster.harness.publishRecord(VipNatTopology.CLAIMS, "IPv4", c));
            cluster.tick();
            assertThat(cluster.vip("vip").getStatus().getIp()).isEqualTo(address);
            assertThat(cluster.pool("pool").getStatus().getAllocated()).isEqualTo(1);
        }

        @Test
        void areWhatTheirEventsSay() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.vip("vip", "IPv4");
            cluster.nic("a", "vip");
            cluster.nic("b", "vip");
            cluster.assertFold(VipNatTopology.virtualIps(), "default/vip");
        }
    }

    @Nested
    class Pools {

        @Test
        void drainWhenTheyAreDeleted() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.vip("vip", "IPv4");
            cluster.delete(VipNatTopology.addressPools(), "pool");
            assertThat(cluster.pool("pool").getStatus().getState())
                    .isEqualTo(AddressPoolState.Deleting);
            assertThat(cluster.pool("pool").getStatus().getDraining()).hasSize(1);
            assertThat(cluster.vip("vip").getStatus().getIp()).isEqualTo("203.0.113.0");
            cluster.vip("other", "IPv4");
            assertThat(cluster.vip("other").getStatus().getIp()).isNull();

            cluster.delete(VipNatTopology.virtualIps(), "default/vip");
            cluster.tick();
            assertThat(cluster.pool("pool")).isNull();
        }

        @Test
        void goAtOnceWhenNobodyHoldsAnything() {
            cluster.pool("pool", "203.0.113.0/24");
            cluster.delete(VipNatTopology.addressPools(), "pool");
            assertThat(cluster.pool("pool")).isNull();
        }

        @Test
        void serveClaimsOfOtherServices() {
            cluster.pool("pool", "203.0.113.0/24");
            var claim =
                    new PublicAddressClaim(
                            "LoadBalancer",
                            "default",
                            "lb",
                            "uid-lb",
                            "ipv4",
                            "IPv4",
                            true,
                            "203.0.113.77",
                            1L);
            cluster.harness.publishRecord(VipNatTopology.CLAIMS, "IPv4", claim);
            assertThat(cluster.grant("LoadBalancer/default/lb/ipv4").getAddress())
                    .isEqualTo("203.0.113.77");
        }
    }

    @Nested
    class NatGateways {

        private String ports(String nic) {
            var row = cluster.ports("gw", nic);
            return row == null
                    ? "none"
                    : row.getPublicIP() + ":" + row.getPort() + "-" + row.getEndPort();
        }

        @BeforeEach
        void pool() {
            cluster.pool("pool", "203.0.113.0/24");
        }

        @Test
        void serveInterfacesWhateverComesFirst() {
            cluster.nic("a", null);
            cluster.nat("gw", ", \"portsPerNetworkInterface\": 64");
            cluster.nic("b", null);
            assertThat(cluster.nat("gw").getStatus().getState()).isEqualTo(NATGatewayState.Pending);
            assertThat(reason(cluster.nat("gw").getStatus().getConditions(), "NetworkReady"))
                    .isEqualTo("NetworkMissing");
            cluster.network(NetworkState.Available);
            var status = cluster.nat("gw").getStatus();
            assertThat(status.getState()).isEqualTo(NATGatewayState.Available);
            assertThat(status.getIps())
                    .extracting(NATGatewayIP::getName, NATGatewayIP::getIp, NATGatewayIP::getUsed)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("ip1", "203.0.113.0", 2));
            assertThat(status.getSlots()).isEqualTo(1008);
            assertThat(status.getUsed()).isEqualTo(2);
            assertThat(status.getRequested()).isEqualTo(2);
            assertThat(ports("a")).isEqualTo("203.0.113.0:1024-1087");
            assertThat(ports("b")).isEqualTo("203.0.113.0:1088-1151");
            assertThat(status.getPortsHash()).isEqualTo(cluster.ports("gw", "b").getSetHash());
        }

        @Test
        void growWithTheFirstInterfaceTooManyAndShrinkAgain() {
            cluster.network(NetworkState.Available);
            cluster.nat("gw", ", \"portsPerNetworkInterface\": 16384");
            for (String nic : List.of("a", "b", "c", "d")) {
                cluster.nic(nic, null);
            }
            assertThat(cluster.nat("gw").getStatus().getIps()).hasSize(2);
            assertThat(ports("d")).isEqualTo("203.0.113.1:1024-17407");
            assertThat(cluster.nat("gw").getStatus().getUnserved()).isEmpty();

            cluster.nicGone("a");
            assertThat(cluster.nat("gw").getStatus().getIps())
                    .as("d still has ports of the second address")
                    .hasSize(2);
            cluster.nicGone("d");
            assertThat(cluster.nat("gw").getStatus().getIps()).hasSize(1);
            assertThat(cluster.pool("pool").getStatus().getAllocated()).isEqualTo(1);
            assertThat(cluster.pool("pool").getStatus().getQuarantined()).isEqualTo(1);
        }

        @Test
        void nameWhomTheyDoNotServe() {
            cluster.network(NetworkState.Available);
            cluster.nat("gw", ", \"portsPerNetworkInterface\": 32768, \"maxPublicIPs\": 2");
            for (String nic : List.of("a", "b", "c", "d")) {
                cluster.nic(nic, null);
            }
            var status = cluster.nat("gw").getStatus();
            assertThat(status.getUsed()).isEqualTo(2);
            assertThat(status.getRequested()).isEqualTo(4);
            assertThat(status.getUnserved()).containsExactly("c", "d");
            assertThat(reason(status.getConditions(), "AllServed")).isEqualTo("PortsExhausted");

            cluster.nicGone("a");
            assertThat(ports("c")).isEqualTo("none");
            cluster.harness.advance(Cluster.PORTS_REST);
            cluster.tick();
            assertThat(ports("c")).isEqualTo("203.0.113.0:1024-33791");
        }

        @Test
        void leaveOutWhoHasAVirtualIpOfTheFamily() {
            cluster.network(NetworkState.Available);
            cluster.nat("gw", "");
            cluster.nic("a", null);
            cluster.nic("a", "vip", "198.51.100.1");
            assertThat(ports("a")).isEqualTo("none");
            cluster.nic("a", null);
            assertThat(ports("a")).isEqualTo("203.0.113.0:3072-5119");
            var events =
                    cluster.harness.values(
                            VipNatTopology.PORT_EVENTS, "default/gw/a", NatPortEvent.class);
            assertThat(events)
                    .extracting(NatPortEvent::getAssigned)
                    .containsExactly(true, false, true);
        }

        @Test
        void areLaidOutAnewWhenThePortsChange() {
            cluster.network(NetworkState.Available);
            cluster.nat("gw", ", \"portsPerNetworkInterface\": 64");
            cluster.nic("a", null);
            cluster.nic("b", null);
            cluster.nat("gw", ", \"portsPerNetworkInterface\": 32768");
            // The only slot of the first address has ports that the other one had until now.
            assertThat(ports("a")).isEqualTo("203.0.113.1:1024-33791");
            assertThat(ports("b")).isEqualTo("203.0.113.2:1024-33791");
            assertThat(cluster.nat("gw").getStatus().getSlots()).isEqualTo(1);
            cluster.tick();
            assertThat(cluster.nat("gw").getStatus().getIps())
                    .extracting(ip -> ip.getIp())
                    .as("the first one serves nobody any more")
                    .containsExactly("203.0.113.1", "203.0.113.2");
        }

        @Test
        void giveEverythingBackWhenTheyAreDeleted() {
            cluster.network(NetworkState.Available);
            cluster.nat("gw", ", \"minPublicIPs\": 3");
            cluster.nic("a", null);
            assertThat(cluster.nat("gw").getStatus().getIps()).hasSize(3);
            cluster.delete(VipNatTopology.natGateways(), "default/gw");
            assertThat(cluster.nat("gw")).isNull();
            assertThat(ports("a")).isEqualTo("none");
            assertThat(cluster.pool("pool").getStatus().getAllocated()).isZero();
        }

        @Test
        void tellOfManyInterfacesAtOnce() {
            cluster.network(NetworkState.Available);
            cluster.nat("gw", ", \"portsPerNetworkInterface\": 64");
            int before = events();
            for (int i = 0; i < 200; i++) {
                cluster.nic("n" + i, "uid-" + i, Set.of("IPv4"), null);
            }
            cluster.tick();
            assertThat(cluster.nat("gw").getStatus().getUsed()).isEqualTo(200);
            assertThat(events() - before).isLessThan(5);
            cluster.assertFold(VipNatTopology.natGateways(), "default/gw");
        }

        private int events() {
            return cluster.harness
                    .values(
                            VipNatTopology.natGateways().events(),
                            "default/gw",
                            NATGatewayEvent.class)
                    .size();
        }
    }
}
