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
 * Internal balancers that select one app, spread over the Networks of {@link InterfaceCommands}.
 */
final class LoadBalancerCommands implements CommandSource {

    private final String prefix;
    private final int networks;

    LoadBalancerCommands(String prefix, int networks) {
        this.prefix = prefix;
        this.networks = networks;
    }

    @Override
    public String entity() {
        return "load-balancer";
    }

    private String name(int resource) {
        return prefix + "lb-" + resource;
    }

    @Override
    public String key(int resource) {
        return Manifests.NAMESPACE + "/" + name(resource);
    }

    private String network(Order order) {
        return "net-" + order.resource() % networks;
    }

    private String app(Order order) {
        return "app-" + order.resource() % networks % 20;
    }

    /** No interface of {@link InterfaceCommands} has it. */
    private String address(Order order) {
        int inNetwork = order.resource() / networks;
        return order.action() == Order.Action.INVALID
                ? "11.0.0.300"
                : "11.0.%d.%d".formatted(inNetwork >> 8 & 255, inNetwork & 255);
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = LoadBalancerCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        var spec =
                LoadBalancerSpec.newBuilder()
                        .setType("Internal")
                        .setIps(List.of(new InternalIP(address(order))))
                        .setNetworkRef(LocalReference.newBuilder().setName(network(order)).build())
                        .setNetworkInterfaceSelector(
                                new LabelSelector(Map.of("app", app(order)), List.of()))
                        .setPorts(List.of(new LoadBalancerPort("TCP", 80, null)))
                        .build();
        return command.setAction(
                        ApplyLoadBalancer.newBuilder()
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
                        "LoadBalancer",
                        name(order.resource()),
                        order,
                        """
                        "type":"Internal","ips":[{"value":"%s"}],"networkRef":{"name":"%s"},\
                        "networkInterfaceSelector":{"matchLabels":{"app":"%s"}},\
                        "ports":[{"protocol":"TCP","port":80}]\
                        """
                                .formatted(address(order), network(order), app(order)));
    }
}
