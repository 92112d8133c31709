package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.network.v1.ApplyNetwork;
import dev.openkcm.networking.schemas.network.v1.NetworkCommand;
import dev.openkcm.networking.schemas.network.v1.NetworkReference;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.Peering;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Networks, every eighth of which wants to peer with its neighbour. */
final class NetworkCommands implements CommandSource {

    private static final int PEERING_EVERY = 8;

    private final String prefix;

    NetworkCommands(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "network";
    }

    @Override
    public String key(int resource) {
        return "bench/" + name(resource);
    }

    private String name(int resource) {
        return prefix + "net-" + resource;
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = NetworkCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        var spec = NetworkSpec.newBuilder();
        var target = target(order);
        if (target != null) {
            spec.setPeerings(
                    List.of(
                            Peering.newBuilder()
                                    .setName("peering1")
                                    .setNetworkRef(
                                            NetworkReference.newBuilder().setName(target).build())
                                    .build()));
        }
        var apply =
                ApplyNetwork.newBuilder()
                        .setLabels(
                                Map.of(
                                        "app",
                                        "app-" + order.resource() % 20,
                                        "revision",
                                        "r" + order.revision()))
                        .setSpec(spec.build())
                        .build();
        return command.setAction(apply).build();
    }

    /** Who is to be peered with; a name that is none makes the command invalid. */
    private @Nullable String target(Order order) {
        if (order.action() == Order.Action.INVALID) {
            return "Not_A_Name";
        }
        return order.resource() % PEERING_EVERY == 0 ? name(order.resource() + 1) : null;
    }

    @Override
    public @Nullable String json(Order order) {
        if (order.action() == Order.Action.DELETE) {
            return null;
        }
        var target = target(order);
        String peerings =
                target == null
                        ? ""
                        : "\"peerings\":[{\"name\":\"peering1\",\"networkRef\":{\"name\":\"%s\"}}]"
                                .formatted(target);
        return """
        {"apiVersion":"networking.OpenKCM.dev/v1alpha1","kind":"Network",\
        "metadata":{"name":"%s","namespace":"bench","labels":{"app":"app-%d","revision":"r%d"}},\
        "spec":{%s}}\
        """
                .formatted(
                        name(order.resource()), order.resource() % 20, order.revision(), peerings);
    }
}
