package dev.openkcm.networking.vipnat.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.RecordedHistories;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What earlier versions wrote is understood for ever. */
class VipNatHistoriesTest {

    private static final Path RECORDED = Path.of("src/test/resources/histories");

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

    /** The history that the present version writes lies in {@code target/histories}. */
    private void verify(Kind<?, ?, ?> kind, String key, Class<? extends SpecificRecord> type)
            throws IOException {
        RecordedHistories.write(
                kind,
                cluster.harness.values(kind.events(), key, type),
                Path.of("target/histories/%1$s/%1$s-1.avro".formatted(kind.entity())));
        RecordedHistories.verify(kind, RECORDED.resolve(kind.entity()));
    }

    private void label(Kind<?, ?, ?> kind, String key, String spec) {
        cluster.harness.publish(
                kind.commands(),
                key,
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "%s",
                 "metadata": {"labels": {"tier": "edge"}}, "spec": %s}
                """
                        .formatted(kind.name(), spec));
        cluster.tick();
    }

    @Test
    void ofVirtualIps() throws IOException {
        var kind = VipNatTopology.virtualIps();
        cluster.nic("a", "vip");
        cluster.vip("vip", "IPv4");
        cluster.nic("b", "vip");
        cluster.nic("six", "uid-six", Set.of("IPv6"), "vip");
        cluster.pool("pool", "203.0.113.0/24");
        label(kind, "default/vip", "{\"type\": \"Public\", \"ipFamily\": \"IPv4\"}");
        cluster.nicGone("a");
        cluster.delete(kind, "default/vip");
        verify(kind, "default/vip", VirtualIPEvent.class);
    }

    @Test
    void ofNatGateways() throws IOException {
        var kind = VipNatTopology.natGateways();
        String spec =
                """
                {"type": "Public", "ipFamily": "IPv4", "networkRef": {"name": "net"},
                 "portsPerNetworkInterface": 32768, "maxPublicIPs": 3}
                """;
        cluster.apply(kind, "default/gw", spec);
        cluster.network(NetworkState.Available);
        cluster.pool("pool", "203.0.113.0/24");
        label(kind, "default/gw", spec);
        cluster.nic("a", null);
        cluster.nic("b", null);
        // Nobody is left on the second address, and somebody comes before that is told of.
        cluster.harness.publish(VipNatTopology.INTERFACES, "default/b", null, Map.of());
        cluster.harness.advance(Duration.ofMillis(100));
        assertThat(cluster.nat("gw").getStatus().getIps()).hasSize(2);
        cluster.nic("c", "uid-c", Set.of("IPv4"), null);
        cluster.tick();
        cluster.harness.advance(Cluster.PORTS_REST);
        cluster.tick();
        cluster.nicGone("c");
        cluster.delete(kind, "default/gw");
        verify(kind, "default/gw", NATGatewayEvent.class);
    }

    @Test
    void ofAddressPools() throws IOException {
        var kind = VipNatTopology.addressPools();
        cluster.pool("pool", "203.0.113.0/31", "198.51.100.0/31");
        cluster.vip("a", "IPv4");
        cluster.vip("b", "IPv4");
        cluster.vip("c", "IPv4");
        cluster.vip("d", "IPv4");
        cluster.vip("e", "IPv4");
        label(kind, "pool", "{\"ipFamily\": \"IPv4\", \"cidrs\": [\"203.0.113.0/31\"]}");
        cluster.pool("other", "203.0.113.0/24");
        cluster.delete(VipNatTopology.virtualIps(), "default/c");
        cluster.delete(kind, "pool");
        for (String name : List.of("a", "b", "d", "e")) {
            cluster.delete(VipNatTopology.virtualIps(), "default/" + name);
        }
        verify(kind, "pool", AddressPoolEvent.class);
    }
}
