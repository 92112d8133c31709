package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.loadbalancer.v1.ApplyLoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.InternalIP;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerCommand;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerPort;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerSpec;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Balancers of {@link RoutedInterfaces}: the same number in each Network, from the first on. */
public final class BalancerCommands implements CommandSource {

    /** Ten in each Network: one of those that are chosen, nine of about 2 of 1,000 others. */
    public static final String CHOOSING = "choosing-balancer";

    /** Twenty in each Network, all of those that are popular. */
    public static final String POPULAR = "popular-balancer";

    /** A hundred in each Network, all of those that are chosen. */
    public static final String DOOMED = "doomed-balancer";

    /** One in each Network: of the club, by an update of an even revision of the band. */
    public static final String FICKLE = "fickle-balancer";

    public static final int PER_NETWORK = 10;
    public static final int POPULAR_PER_NETWORK = 20;
    public static final int DOOMED_PER_NETWORK = 100;

    private final String entity;
    private final String prefix;
    private final int perNetwork;

    /** The second byte of their addresses; each sort has its own. */
    private final int block;

    private BalancerCommands(String entity, String prefix, int perNetwork, int block) {
        this.entity = entity;
        this.prefix = prefix;
        this.perNetwork = perNetwork;
        this.block = block;
    }

    static BalancerCommands of(String entity, String prefix) {
        return switch (entity) {
            case CHOOSING -> new BalancerCommands(entity, prefix, PER_NETWORK, 200);
            case POPULAR -> new BalancerCommands(entity, prefix, POPULAR_PER_NETWORK, 201);
            case DOOMED -> new BalancerCommands(entity, prefix, DOOMED_PER_NETWORK, 202);
            default -> new BalancerCommands(entity, prefix, 1, 203);
        };
    }

    @Override
    public String entity() {
        return "load-balancer";
    }

    @Override
    public String key(int resource) {
        return "bench/" + prefix + entity + "-" + resource;
    }

    private Map<String, String> wanted(Order order) {
        int inNetwork = order.resource() % perNetwork;
        return switch (entity) {
            case POPULAR -> Map.of("popular", "yes");
            case FICKLE -> {
                boolean band = order.action() == Order.Action.UPDATE && order.revision() % 2 == 0;
                yield Map.of(band ? "band" : "club", "yes");
            }
            case CHOOSING ->
                    inNetwork == 0
                            ? Map.of("chosen", "yes")
                            : Map.of("app", "app-" + inNetwork, "tier", "tier-" + 2 * inNetwork);
            default -> Map.of("chosen", "yes");
        };
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = LoadBalancerCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        int network = order.resource() / perNetwork;
        int inNetwork = order.resource() % perNetwork;
        var spec =
                LoadBalancerSpec.newBuilder()
                        .setType("Internal")
                        .setIps(List.of(new InternalIP("10.%d.0.%d".formatted(block, inNetwork))))
                        .setNetworkRef(
                                LocalReference.newBuilder().setName("net-" + network).build())
                        .setNetworkInterfaceSelector(new LabelSelector(wanted(order), List.of()))
                        .setPorts(List.of(new LoadBalancerPort("TCP", 80, null)))
                        .build();
        return command.setAction(ApplyLoadBalancer.newBuilder().setSpec(spec).build()).build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the routing is measured with Avro");
    }
}
