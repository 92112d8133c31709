package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkpolicy.v1.ApplyNetworkPolicy;
import dev.openkcm.networking.schemas.networkpolicy.v1.IngressRule;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyCommand;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyPeer;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyPort;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicySpec;
import dev.openkcm.networking.schemas.networkpolicy.v1.ObjectSelector;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Policies that let one tier into one app at one port, over the Networks of the interfaces. */
final class PolicyCommands implements CommandSource {

    private final String prefix;
    private final int networks;

    PolicyCommands(String prefix, int networks) {
        this.prefix = prefix;
        this.networks = networks;
    }

    @Override
    public String entity() {
        return "network-policy";
    }

    private String name(int resource) {
        return prefix + "policy-" + resource;
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

    private String tier(Order order) {
        return "tier-" + order.resource() / networks % 3;
    }

    /** Another with every order, so that an update changes the rules; 0 is none. */
    private static int port(Order order) {
        return order.action() == Order.Action.INVALID ? 0 : 1 + (int) (order.revision() % 60_000);
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = NetworkPolicyCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        var from =
                new NetworkPolicyPeer(
                        null,
                        new ObjectSelector(
                                "NetworkInterface", Map.of("tier", tier(order)), List.of()));
        var rule =
                new IngressRule(
                        List.of(new NetworkPolicyPort("TCP", port(order), null)), List.of(from));
        var spec =
                NetworkPolicySpec.newBuilder()
                        .setNetworkRef(LocalReference.newBuilder().setName(network(order)).build())
                        .setNetworkInterfaceSelector(
                                new LabelSelector(Map.of("app", app(order)), List.of()))
                        .setIngress(List.of(rule))
                        .build();
        return command.setAction(
                        ApplyNetworkPolicy.newBuilder()
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
                        "NetworkPolicy",
                        name(order.resource()),
                        order,
                        """
                        "networkRef":{"name":"%s"},\
                        "networkInterfaceSelector":{"matchLabels":{"app":"%s"}},\
                        "ingress":[{"from":[{"objectSelector":{"kind":"NetworkInterface",\
                        "matchLabels":{"tier":"%s"}}}],\
                        "ports":[{"protocol":"TCP","port":%d}]}]\
                        """
                                .formatted(network(order), app(order), tier(order), port(order)));
    }
}
