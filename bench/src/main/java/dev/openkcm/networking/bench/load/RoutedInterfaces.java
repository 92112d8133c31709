package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkinterface.v1.ApplyNetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCommand;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces that balancers select: a thousand in each Network, or all in one. Those that are
 * chosen from the beginning stay so; the others are chosen by an update of an even revision, and
 * not any more by the next.
 */
public final class RoutedInterfaces implements CommandSource {

    /** A thousand in each Network from the second on; {@link #CHOSEN} of each are chosen. */
    public static final String SPREAD = "spread-interface";

    /** All in the first Network; all but the first {@link #IN_TURN} are chosen. */
    public static final String CROWDED = "crowded-interface";

    public static final int PER_NETWORK = 1_000;
    public static final int CHOSEN = 10;

    /** How many interfaces updates are for: the first of the crowd, the last of a Network. */
    public static final int IN_TURN = 100;

    private final String prefix;
    private final boolean crowded;

    RoutedInterfaces(String prefix, boolean crowded) {
        this.prefix = prefix;
        this.crowded = crowded;
    }

    @Override
    public String entity() {
        return "network-interface";
    }

    @Override
    public String key(int resource) {
        return "bench/" + (crowded ? "crowd-" : "nic-") + prefix + resource;
    }

    private String network(int resource) {
        return "net-" + (crowded ? 0 : 1 + resource / PER_NETWORK);
    }

    private boolean chosen(Order order) {
        if (order.action() == Order.Action.UPDATE) {
            return order.revision() % 2 == 0;
        }
        return crowded ? order.resource() >= IN_TURN : order.resource() % PER_NETWORK < CHOSEN;
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = NetworkInterfaceCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        int nic = order.resource();
        int inNetwork = crowded ? nic : nic % PER_NETWORK;
        var labels =
                new HashMap<>(Map.of("app", "app-" + nic % 20, "tier", "tier-" + nic / 20 % 20));
        if (chosen(order)) {
            labels.put("chosen", "yes");
        }
        var spec =
                NetworkInterfaceSpec.newBuilder()
                        .setNetworkRef(LocalReference.newBuilder().setName(network(nic)).build())
                        .setIpFamilies(List.of("IPv4"))
                        .setIps(
                                List.of(
                                        IPSource.newBuilder()
                                                .setValue(
                                                        "10.0.%d.%d"
                                                                .formatted(
                                                                        inNetwork >> 8 & 255,
                                                                        inNetwork & 255))
                                                .build()))
                        .build();
        return command.setAction(
                        ApplyNetworkInterface.newBuilder().setLabels(labels).setSpec(spec).build())
                .build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the routing is measured with Avro");
    }
}
