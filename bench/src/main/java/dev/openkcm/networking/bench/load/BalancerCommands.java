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

/**
 * Ten balancers in each Network of {@link RoutedInterfaces}, from the first Network on: one of
 * those that are chosen, and nine of about 2 of 1,000 others.
 */
public final class BalancerCommands implements CommandSource {

    /** In place of the entity of balancers. */
    public static final String CHOOSING = "choosing-balancer";

    public static final int PER_NETWORK = 10;

    private final String prefix;

    BalancerCommands(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "load-balancer";
    }

    @Override
    public String key(int resource) {
        return "bench/" + prefix + "lb-" + resource;
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = LoadBalancerCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        int network = order.resource() / PER_NETWORK;
        int inNetwork = order.resource() % PER_NETWORK;
        Map<String, String> wanted =
                inNetwork == 0
                        ? Map.of("chosen", "yes")
                        : Map.of("app", "app-" + inNetwork, "tier", "tier-" + 2 * inNetwork);
        var spec =
                LoadBalancerSpec.newBuilder()
                        .setType("Internal")
                        .setIps(List.of(new InternalIP("10.200.0." + inNetwork)))
                        .setNetworkRef(
                                LocalReference.newBuilder().setName("net-" + network).build())
                        .setNetworkInterfaceSelector(new LabelSelector(wanted, List.of()))
                        .setPorts(List.of(new LoadBalancerPort("TCP", 80, null)))
                        .build();
        return command.setAction(ApplyLoadBalancer.newBuilder().setSpec(spec).build()).build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the routing is measured with Avro");
    }
}
