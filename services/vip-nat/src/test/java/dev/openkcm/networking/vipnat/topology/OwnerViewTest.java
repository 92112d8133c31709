package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectReference;
import dev.openkcm.networking.schemas.loadbalancer.v1.HeldAddress;
import dev.openkcm.networking.schemas.loadbalancer.v1.InternalIP;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerCreated;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDeleted;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerEvent;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerSpec;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerUpdated;
import dev.openkcm.networking.schemas.loadbalancer.v1.NetworkAnswered;
import dev.openkcm.networking.schemas.loadbalancer.v1.PublicAddressChanged;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressAssigned;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressReleased;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressRequested;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayCreated;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayDeleted;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewaySpec;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressesAnswered;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCreated;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceDeleted;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.PrefixSource;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPAddressAssigned;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPDeleted;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPEvent;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPTargetAssigned;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPTargetReleased;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions to the past. */
class OwnerViewTest {

    @TempDir private Path stateDir;

    private final LocalSerdes serdes = new LocalSerdes();
    private TopologyTestDriver driver;

    @BeforeEach
    void start() {
        var config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "owners");
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        driver =
                new TopologyTestDriver(
                        VipNatTopology.owners(serdes, LocalSerdes.generic()), config);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private static Instant at(int second) {
        return Instant.ofEpochSecond(1_800_000_000L + second);
    }

    @SuppressWarnings("unchecked") // The class of a T is a Class<T>.
    private <T extends SpecificRecord> void happens(String topic, T event) {
        var type = (Class<T>) event.getClass();
        String key = topic.equals(VipNatTopology.PORT_EVENTS) ? "ns/gateway/interface" : "ns/name";
        driver.createInputTopic(topic, new StringSerializer(), serdes.of(type).serializer())
                .pipeInput(key, event);
    }

    private void ports(String nic, int port, int length, boolean assigned, int since, int time) {
        happens(
                VipNatTopology.PORT_EVENTS,
                new NatPortEvent(
                        "default",
                        "gw",
                        "uid-gw",
                        nic,
                        "uid-" + nic,
                        "net",
                        "IPv4",
                        "10.0.0.1",
                        "203.0.113.9",
                        port,
                        port + length - 1,
                        assigned,
                        at(since),
                        at(time),
                        "test"));
    }

    private void vip(long sequence, int time, Object event) {
        happens(
                VipNatTopology.virtualIps().events(),
                new VirtualIPEvent(
                        "default", "vip", "uid-vip", sequence, at(time), "test", null, event));
    }

    private void nic(String name, long sequence, int time, Object event) {
        happens(
                VipNatTopology.INTERFACE_EVENTS,
                new NetworkInterfaceEvent(
                        "default", name, "uid-" + name, sequence, at(time), "test", null, event));
    }

    private void gateway(long sequence, int time, Object event) {
        happens(
                VipNatTopology.natGateways().events(),
                new NATGatewayEvent(
                        "default", "gw", "uid-gw", sequence, at(time), "test", null, event));
    }

    private void balancer(long sequence, int time, Object event) {
        happens(
                VipNatTopology.BALANCER_EVENTS,
                new LoadBalancerEvent(
                        "default", "lb", "uid-lb", sequence, at(time), "test", null, event));
    }

    private static LoadBalancerSpec balancerSpec(String type, String... ips) {
        return LoadBalancerSpec.newBuilder()
                .setType(type)
                .setIpFamilies(List.of("IPv4"))
                .setIps(List.of(ips).stream().map(InternalIP::new).toList())
                .setNetworkRef(new LocalReference("net"))
                .setPorts(List.of())
                .build();
    }

    private static NetworkAnswered networkAnswered(String... conflicts) {
        return new NetworkAnswered(
                dev.openkcm.networking.schemas.loadbalancer.v1.NetworkFact.Available,
                1L,
                List.of(conflicts).stream()
                        .map(c -> new HeldAddress(c, "NetworkInterface a", c))
                        .toList());
    }

    private List<String> who(String ip, Integer port, String network, int time) {
        var owners =
                OwnerRows.at(
                        driver.getKeyValueStore(VipNatTopology.OWNER_STORE),
                        Cidr.parseAddress(ip).orElseThrow(),
                        port,
                        network,
                        at(time));
        return OwnerRows.nearest(owners, port).stream().map(OwnerViewTest::text).toList();
    }

    private static String text(JsonNode owner) {
        String target = owner.at("/targetRef/name").asText();
        return owner.path("name").asText() + (target.isEmpty() ? "" : " by " + target);
    }

    @Test
    void findsWhoHadAPortAtATime() {
        ports("a", 1024, 64, true, 10, 10);
        ports("b", 1088, 64, true, 20, 20);
        ports("a", 1024, 64, false, 10, 30);
        ports("c", 1024, 2048, true, 40, 40);
        assertThat(who("203.0.113.9", 1030, null, 9)).isEmpty();
        assertThat(who("203.0.113.9", 1024, null, 10)).containsExactly("a");
        assertThat(who("203.0.113.9", 1087, null, 29)).containsExactly("a");
        assertThat(who("203.0.113.9", 1087, null, 30)).isEmpty();
        assertThat(who("203.0.113.9", 1088, null, 25)).containsExactly("b");
        assertThat(who("203.0.113.9", 3071, null, 41)).containsExactly("c");
        assertThat(who("203.0.113.9", 3072, null, 41)).isEmpty();
        assertThat(who("203.0.113.9", 80, null, 41)).isEmpty();
        assertThat(who("203.0.113.9", null, null, 25)).containsExactly("a", "b");
        assertThat(who("203.0.113.8", 1024, null, 25)).isEmpty();
    }

    @Test
    void findsWhoUsedAVirtualIp() {
        vip(2, 10, new VirtualIPAddressAssigned("203.0.113.1", "pool"));
        vip(
                3,
                20,
                new VirtualIPTargetAssigned(new ObjectReference("NetworkInterface", "a", "uid-a")));
        vip(
                4,
                30,
                new VirtualIPTargetReleased(new ObjectReference("NetworkInterface", "a", "uid-a")));
        vip(5, 30, new VirtualIPDeleted());
        assertThat(who("203.0.113.1", null, null, 15)).containsExactly("vip");
        assertThat(who("203.0.113.1", 443, null, 25)).containsExactly("vip by a");
        assertThat(who("203.0.113.1", null, null, 30)).isEmpty();
    }

    @Test
    void isNotConfusedByEventsThatAreReadAgain() {
        for (int i = 0; i < 2; i++) {
            vip(2, 10, new VirtualIPAddressAssigned("203.0.113.1", "pool"));
            vip(
                    3,
                    20,
                    new VirtualIPTargetAssigned(
                            new ObjectReference("NetworkInterface", "a", "uid-a")));
        }
        assertThat(who("203.0.113.1", null, null, 15)).containsExactly("vip");
        assertThat(who("203.0.113.1", null, null, 25)).containsExactly("vip by a");
    }

    @Test
    void findsWhoHeldAnAddressOfANetwork() {
        var spec =
                NetworkInterfaceSpec.newBuilder()
                        .setNetworkRef(new LocalReference("net"))
                        .setIps(List.of(new IPSource("10.0.0.7")))
                        .setPrefixes(List.of(new PrefixSource("10.1.0.0/24")))
                        .build();
        var created = NetworkInterfaceCreated.newBuilder().setSpec(spec).build();
        nic("a", 1, 10, created);
        nic("a", 2, 11, answered());
        nic("b", 1, 12, created);
        nic("b", 2, 13, answered("10.0.0.7", "10.1.0.0/24"));
        assertThat(who("10.0.0.7", null, "default/net", 10)).isEmpty();
        assertThat(who("10.0.0.7", null, "default/net", 20)).containsExactly("a");
        assertThat(who("10.1.0.200", null, "default/net", 20)).containsExactly("a");
        assertThat(who("10.0.0.7", null, "default/other", 20)).isEmpty();
        nic("a", 3, 30, new NetworkInterfaceDeleted());
        nic("b", 3, 31, answered());
        assertThat(who("10.0.0.7", null, "default/net", 29)).containsExactly("a");
        assertThat(who("10.0.0.7", null, "default/net", 30)).isEmpty();
        assertThat(who("10.0.0.7", null, "default/net", 31)).containsExactly("b");
    }

    @Test
    void findsWhichGatewayHadAnAddress() {
        gateway(
                1,
                5,
                new NATGatewayCreated(
                        Map.of(),
                        Map.of(),
                        NATGatewaySpec.newBuilder()
                                .setType("Public")
                                .setIpFamily("IPv4")
                                .setNetworkRef(new LocalReference("net"))
                                .setPortsPerNetworkInterface(64)
                                .build()));
        gateway(2, 6, new NATGatewayAddressRequested("ip1"));
        gateway(3, 10, new NATGatewayAddressAssigned("ip1", "203.0.113.9", "pool"));
        gateway(4, 11, new NATGatewayAddressAssigned("ip2", "203.0.113.8", "pool"));
        ports("a", 1024, 64, true, 20, 20);
        assertThat(who("203.0.113.9", null, null, 9)).isEmpty();
        assertThat(who("203.0.113.9", null, null, 10)).containsExactly("gw");
        assertThat(who("203.0.113.9", null, null, 20)).containsExactly("gw", "a");
        assertThat(who("203.0.113.9", 1030, null, 20))
                .as("the port is the interface's")
                .containsExactly("a");
        assertThat(who("203.0.113.9", 1088, null, 20))
                .as("a port that no interface has is the gateway's")
                .containsExactly("gw");

        gateway(5, 30, new NATGatewayAddressReleased("ip2", "203.0.113.8"));
        gateway(6, 31, new NATGatewayAddressReleased("ip3", null));
        assertThat(who("203.0.113.8", null, null, 29)).containsExactly("gw");
        assertThat(who("203.0.113.8", null, null, 30)).isEmpty();
        ports("a", 1024, 64, false, 20, 40);
        gateway(7, 40, new NATGatewayDeleted());
        assertThat(who("203.0.113.9", null, null, 39)).containsExactly("gw", "a");
        assertThat(who("203.0.113.9", null, null, 40)).isEmpty();
    }

    @Test
    void findsWhichBalancerHadAPublicAddress() {
        balancer(1, 5, new LoadBalancerCreated(Map.of(), Map.of(), balancerSpec("Public")));
        balancer(2, 6, new PublicAddressChanged("ipv4", null, "AddressesExhausted", "none"));
        balancer(3, 10, new PublicAddressChanged("ipv4", "203.0.113.7", null, null));
        balancer(4, 11, new PublicAddressChanged("ipv6", "2001:db8:100::7", null, null));
        balancer(5, 12, networkAnswered());
        assertThat(who("203.0.113.7", null, null, 9)).isEmpty();
        assertThat(who("203.0.113.7", 443, null, 10)).containsExactly("lb");
        assertThat(who("2001:db8:100::7", null, null, 20)).containsExactly("lb");
        balancer(6, 20, new PublicAddressChanged("ipv4", null, null, null));
        assertThat(who("203.0.113.7", null, null, 19)).containsExactly("lb");
        assertThat(who("203.0.113.7", null, null, 20)).isEmpty();
        assertThat(who("2001:db8:100::7", null, null, 20)).containsExactly("lb");
        balancer(7, 30, new LoadBalancerDeleted());
        assertThat(who("2001:db8:100::7", null, null, 30)).isEmpty();
    }

    @Test
    void findsWhichBalancerHadAnAddressOfANetwork() {
        for (int i = 0; i < 2; i++) { // Events that are read again change nothing.
            balancer(
                    1,
                    5,
                    new LoadBalancerCreated(
                            Map.of(), Map.of(), balancerSpec("Internal", "10.0.0.7")));
            balancer(2, 6, networkAnswered("10.0.0.7"));
            balancer(3, 10, networkAnswered());
            balancer(
                    4,
                    20,
                    new LoadBalancerUpdated(
                            Map.of(), Map.of(), balancerSpec("Internal", "10.0.0.8")));
            balancer(5, 21, networkAnswered());
        }
        assertThat(who("10.0.0.7", null, "default/net", 6)).isEmpty();
        assertThat(who("10.0.0.7", null, "default/net", 10)).containsExactly("lb");
        assertThat(who("10.0.0.7", null, "default/net", 19)).containsExactly("lb");
        assertThat(who("10.0.0.7", null, "default/net", 20)).isEmpty();
        assertThat(who("10.0.0.8", null, "default/net", 20)).isEmpty();
        assertThat(who("10.0.0.8", null, "default/net", 21)).containsExactly("lb");
        assertThat(who("10.0.0.7", null, null, 15)).as("it is no public address").isEmpty();
    }

    private static AddressesAnswered answered(String... conflicts) {
        return AddressesAnswered.newBuilder()
                .setNetwork(NetworkFact.Available)
                .setClaim(1L)
                .setConflicts(
                        List.of(conflicts).stream()
                                .map(c -> new AddressInUse(c, "NetworkInterface a", c))
                                .toList())
                .build();
    }
}
