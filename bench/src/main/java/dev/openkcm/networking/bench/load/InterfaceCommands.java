package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkinterface.v1.ApplyNetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCommand;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Interfaces with three labels and one address, spread evenly over {@link #NETWORKS} Networks. */
public final class InterfaceCommands implements CommandSource {

    /** How many Networks there are to be, named as {@link NetworkCommands} names them. */
    public static final int NETWORKS = 1_000;

    private final String prefix;

    InterfaceCommands(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "network-interface";
    }

    @Override
    public String key(int resource) {
        return "bench/" + name(resource);
    }

    private String name(int resource) {
        return prefix + "nic-" + resource;
    }

    private static String network(int resource) {
        return "net-" + resource % NETWORKS;
    }

    /** Legs do not share addresses: the second byte is told by the prefix. */
    private String address(Order order) {
        int inNetwork = order.resource() / NETWORKS;
        return order.action() == Order.Action.INVALID
                ? "10.0.0.300"
                : "10.%d.%d.%d"
                        .formatted(
                                Math.floorMod(prefix.hashCode(), 256),
                                (inNetwork >> 8) & 255,
                                inNetwork & 255);
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = NetworkInterfaceCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        int nic = order.resource();
        var spec =
                NetworkInterfaceSpec.newBuilder()
                        .setNetworkRef(LocalReference.newBuilder().setName(network(nic)).build())
                        .setIpFamilies(List.of("IPv4"))
                        .setIps(List.of(IPSource.newBuilder().setValue(address(order)).build()))
                        .build();
        var apply =
                ApplyNetworkInterface.newBuilder()
                        .setLabels(
                                Map.of(
                                        "app",
                                        "app-" + nic % 20,
                                        "tier",
                                        "tier-" + nic % 3,
                                        "revision",
                                        "r" + order.revision()))
                        .setSpec(spec)
                        .build();
        return command.setAction(apply).build();
    }

    @Override
    public @Nullable String json(Order order) {
        if (order.action() == Order.Action.DELETE) {
            return null;
        }
        int nic = order.resource();
        return """
        {"apiVersion":"networking.OpenKCM.dev/v1alpha1","kind":"NetworkInterface",\
        "metadata":{"name":"%s","namespace":"bench",\
        "labels":{"app":"app-%d","tier":"tier-%d","revision":"r%d"}},\
        "spec":{"networkRef":{"name":"%s"},"ipFamilies":["IPv4"],"ips":[{"value":"%s"}]}}\
        """
                .formatted(
                        name(nic),
                        nic % 20,
                        nic % 3,
                        order.revision(),
                        network(nic),
                        address(order));
    }
}
