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

/**
 * Ten policies in each Network of {@link RoutedInterfaces}, from the first Network on: one applies
 * to those that are chosen, and nine to an app each; each lets another app in.
 */
public final class ChoosingPolicies implements CommandSource {

    /** In place of the entity of policies. */
    public static final String CHOOSING = "choosing-policy";

    public static final int PER_NETWORK = 10;

    private final String prefix;

    ChoosingPolicies(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "network-policy";
    }

    @Override
    public String key(int resource) {
        return "bench/" + prefix + "policy-" + resource;
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = NetworkPolicyCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        int network = order.resource() / PER_NETWORK;
        int inNetwork = order.resource() % PER_NETWORK;
        var appliesTo =
                inNetwork == 0 ? Map.of("chosen", "yes") : Map.of("app", "app-" + inNetwork);
        var peer =
                ObjectSelector.newBuilder()
                        .setKind("NetworkInterface")
                        .setMatchLabels(Map.of("app", "app-" + (inNetwork + 1)))
                        .build();
        var spec =
                NetworkPolicySpec.newBuilder()
                        .setNetworkRef(
                                LocalReference.newBuilder().setName("net-" + network).build())
                        .setNetworkInterfaceSelector(new LabelSelector(appliesTo, List.of()))
                        .setIngress(
                                List.of(
                                        new IngressRule(
                                                List.of(new NetworkPolicyPort("TCP", 80, null)),
                                                List.of(new NetworkPolicyPeer(null, peer)))))
                        .build();
        return command.setAction(ApplyNetworkPolicy.newBuilder().setSpec(spec).build()).build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("policies are measured with Avro");
    }
}
