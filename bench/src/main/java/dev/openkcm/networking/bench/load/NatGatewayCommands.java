package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.natgateway.v1.ApplyNATGateway;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayCommand;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewaySpec;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** NATGateways with 64 ports for each interface, one for each Network from the first on. */
final class NatGatewayCommands implements CommandSource {

    private static final int PORTS = 64;

    private final String prefix;

    NatGatewayCommands(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "nat-gateway";
    }

    private String name(int resource) {
        return prefix + "nat-" + resource;
    }

    @Override
    public String key(int resource) {
        return Manifests.NAMESPACE + "/" + name(resource);
    }

    private static String network(Order order) {
        return "net-" + order.resource();
    }

    /** A number of ports that is no power of two makes the command invalid. */
    private static int ports(Order order) {
        return order.action() == Order.Action.INVALID ? PORTS - 1 : PORTS;
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = NATGatewayCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        var spec =
                NATGatewaySpec.newBuilder()
                        .setType("Public")
                        .setIpFamily("IPv4")
                        .setNetworkRef(LocalReference.newBuilder().setName(network(order)).build())
                        .setPortsPerNetworkInterface(ports(order))
                        .build();
        return command.setAction(
                        ApplyNATGateway.newBuilder()
                                .setLabels(Manifests.labels(order))
                                .setSpec(spec)
                                .build())
                .build();
    }

    @Override
    public @Nullable String json(Order order) {
        return order.action() == Order.Action.DELETE
                ? null
                : Manifests.json(
                        "NATGateway",
                        name(order.resource()),
                        order,
                        """
                        "type":"Public","ipFamily":"IPv4","networkRef":{"name":"%s"},\
                        "portsPerNetworkInterface":%d\
                        """
                                .formatted(network(order), ports(order)));
    }
}
