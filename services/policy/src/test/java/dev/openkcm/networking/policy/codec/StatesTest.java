package dev.openkcm.networking.policy.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.NetworkFact;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.Protocol;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIP;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What is read off the states of other kinds, with the schemas that their owners write. */
class StatesTest {

    private static final ResourceKey KEY = new ResourceKey("default", "a");

    /** A record with these fields, an object for each nested one; the others are left out. */
    private static GenericRecord record(Schema schema, Map<String, ?> fields) {
        var record = new GenericData.Record(schema);
        fields.forEach(
                (name, value) -> record.put(name, value(schema.getField(name).schema(), value)));
        return record;
    }

    @SuppressWarnings("unchecked") // Maps of a test have text as keys.
    private static Object value(Schema schema, Object value) {
        return switch (schema.getType()) {
            case UNION -> value(schema.getTypes().getLast(), value);
            case RECORD -> record(schema, (Map<String, ?>) value);
            case ARRAY ->
                    ((List<?>) value)
                            .stream().map(item -> value(schema.getElementType(), item)).toList();
            default -> value;
        };
    }

    private static Map<String, ?> metadata() {
        return Map.of("uid", "uid-a", "resourceVersion", 7L, "labels", Map.of("app", "web"));
    }

    @Test
    void aGatewayLendsItsPublicAddressNotThePrivateOne() {
        var row =
                record(
                        NatPortRange.getClassSchema(),
                        Map.of("ip", "10.0.0.1", "publicIP", "203.0.113.9"));
        assertThat(States.gatewayAddress(row)).hasToString("Optional[203.0.113.9]");
        assertThat(States.gatewayAddress(null)).isEmpty();
    }

    @Test
    void aVirtualIpIsWhereItsTargetIs() {
        var state =
                record(
                        VirtualIP.getClassSchema(),
                        Map.of(
                                "metadata",
                                metadata(),
                                "status",
                                Map.of(
                                        "ip",
                                        "203.0.113.1",
                                        "targetRef",
                                        Map.of("kind", "NetworkInterface", "name", "web"))));
        var virtualIp = States.virtualIp(KEY, state).orElseThrow();
        assertThat(virtualIp.address()).hasToString("203.0.113.1");
        assertThat(virtualIp.targetKind()).isEqualTo(MemberKind.NetworkInterface);
        assertThat(virtualIp.targetName()).isEqualTo("web");
        assertThat(virtualIp.labels()).isEqualTo(Map.of("app", "web"));
        assertThat(States.virtualIp(KEY, null)).isEmpty();
    }

    @Test
    void aBalancerHasFrontEndsPortsAndDestinations() {
        var state =
                record(
                        LoadBalancer.getClassSchema(),
                        Map.of(
                                "metadata",
                                metadata(),
                                "spec",
                                Map.of(
                                        "networkRef",
                                        Map.of("name", "net"),
                                        "networkInterfaceSelector",
                                        Map.of(
                                                "matchLabels",
                                                Map.of("app", "web"),
                                                "matchExpressions",
                                                List.of(
                                                        Map.of(
                                                                "key",
                                                                "zone",
                                                                "operator",
                                                                "Exists",
                                                                "values",
                                                                List.of()))),
                                        "ports",
                                        List.of(
                                                Map.of("protocol", "UDP", "port", 53),
                                                Map.of(
                                                        "protocol",
                                                        "TCP",
                                                        "port",
                                                        80,
                                                        "endPort",
                                                        90))),
                                "status",
                                Map.of("ips", List.of("203.0.113.1", "2001:db8::1"))));
        var member = States.loadBalancer(KEY, state).orElseThrow();
        assertThat(member.network()).isEqualTo(KEY.sibling("net"));
        assertThat(member.addresses()).hasSize(2);
        assertThat(member.version()).isEqualTo(7);
        var balancing = States.balancing(state);
        assertThat(balancing.ports().contains(Protocol.UDP, 53)).isTrue();
        assertThat(balancing.ports().contains(Protocol.TCP, 85)).isTrue();
        assertThat(balancing.ports().contains(Protocol.TCP, 91)).isFalse();
        assertThat(balancing.destinations().matches(Map.of("app", "web", "zone", "1"))).isTrue();
        assertThat(balancing.destinations().matches(Map.of("app", "web"))).isFalse();
    }

    @Test
    void anInterfaceHasItsAddressesAndPrefixesWhileAvailable() {
        for (String state : List.of("Available", "Error")) {
            var nic =
                    record(
                            NetworkInterface.getClassSchema(),
                            Map.of(
                                    "metadata",
                                    metadata(),
                                    "spec",
                                    Map.of("networkRef", Map.of("name", "net")),
                                    "status",
                                    Map.of(
                                            "state",
                                            state,
                                            "ips",
                                            List.of("10.0.0.1"),
                                            "prefixes",
                                            List.of("10.1.0.0/24"))));
            assertThat(States.networkInterface(KEY, nic).orElseThrow().addresses())
                    .hasSize(state.equals("Available") ? 2 : 0);
        }
    }

    @Test
    void aNetworkThatIsNotThereIsMissing() {
        assertThat(States.network(null)).isEqualTo(NetworkFact.Missing);
        assertThat(States.peers(KEY, null)).isEmpty();
    }
}
