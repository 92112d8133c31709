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
 * Interfaces that balancers select: a thousand in each Network, or all in one. An update of an even
 * revision gives an interface the label that the source is about, and the next takes it away.
 */
public final class RoutedInterfaces implements CommandSource {

    /** A thousand in each Network from the second on; {@link #CHOSEN} of each are chosen. */
    public static final String SPREAD = "spread-interface";

    /** The same, by a label that nobody selects. */
    public static final String NOTED = "noted-interface";

    /** The same, by a label that {@link BalancerCommands#POPULAR} select. */
    public static final String POPULAR = "popular-interface";

    /** The same, chosen from the beginning, and in the Network before. */
    public static final String MOVED = "moved-interface";

    /** All in the first Network; all but the first {@link #IN_TURN} are chosen. */
    public static final String CROWDED = "crowded-interface";

    /** The same, by a label that every tenth of the crowd has. */
    public static final String CLUBBED = "clubbed-interface";

    public static final int PER_NETWORK = 1_000;
    public static final int CHOSEN = 10;

    /** One in so many of the crowd is in the club, another one in the band. */
    public static final int CLUBBED_EVERY = 10;

    /** How many interfaces updates are for: the first of the crowd, the last of a Network. */
    public static final int IN_TURN = 100;

    private static final List<String> LABELS = List.of("chosen", "note", "popular", "club", "band");

    private final String entity;
    private final String prefix;
    private final boolean crowded;
    private final String toggled;

    RoutedInterfaces(String entity, String prefix) {
        this.entity = entity;
        this.prefix = prefix;
        this.crowded = entity.equals(CROWDED) || entity.equals(CLUBBED);
        this.toggled =
                switch (entity) {
                    case NOTED -> "note";
                    case POPULAR -> "popular";
                    case CLUBBED -> "club";
                    default -> "chosen";
                };
    }

    @Override
    public String entity() {
        return "network-interface";
    }

    @Override
    public String key(int resource) {
        return "bench/" + (crowded ? "crowd-" : "nic-") + prefix + resource;
    }

    private boolean moved() {
        return entity.equals(MOVED);
    }

    private String network(int resource) {
        int home = crowded ? 0 : 1 + resource / PER_NETWORK;
        return "net-" + (moved() ? home - 1 : home);
    }

    /** Whether an interface has a label, all of which have the value "yes". */
    private boolean has(String label, Order order) {
        if (label.equals(toggled) && order.action() == Order.Action.UPDATE) {
            return order.revision() % 2 == 0;
        }
        int nic = order.resource();
        boolean ofTheCrowd = crowded && nic >= IN_TURN;
        return switch (label) {
            case "chosen" -> ofTheCrowd || moved() || (!crowded && nic % PER_NETWORK < CHOSEN);
            case "club" -> ofTheCrowd && nic % CLUBBED_EVERY == 0;
            case "band" -> ofTheCrowd && nic % CLUBBED_EVERY == 1;
            default -> false;
        };
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
        for (String label : LABELS) {
            if (has(label, order)) {
                labels.put(label, "yes");
            }
        }
        var spec =
                NetworkInterfaceSpec.newBuilder()
                        .setNetworkRef(LocalReference.newBuilder().setName(network(nic)).build())
                        .setIpFamilies(List.of("IPv4"))
                        .setIps(
                                List.of(
                                        IPSource.newBuilder()
                                                .setValue(
                                                        "10.%d.%d.%d"
                                                                .formatted(
                                                                        moved() ? 1 : 0,
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
