package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.virtualip.v1.ApplyVirtualIP;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPCommand;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPSpec;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** VirtualIPs of IPv4, which get their addresses from the pool of {@link AddressPoolCommands}. */
final class VirtualIpCommands implements CommandSource {

    private final String prefix;

    VirtualIpCommands(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "virtual-ip";
    }

    static String name(String prefix, int resource) {
        return prefix + "vip-" + resource;
    }

    @Override
    public String key(int resource) {
        return Manifests.NAMESPACE + "/" + name(prefix, resource);
    }

    private static String family(Order order) {
        return order.action() == Order.Action.INVALID ? "IPv5" : "IPv4";
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = VirtualIPCommand.newBuilder();
        if (order.action() == Order.Action.DELETE) {
            return command.setAction(new Delete()).build();
        }
        var spec = VirtualIPSpec.newBuilder().setType("Public").setIpFamily(family(order)).build();
        return command.setAction(
                        ApplyVirtualIP.newBuilder()
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
                        "VirtualIP",
                        name(prefix, order.resource()),
                        order,
                        "\"type\":\"Public\",\"ipFamily\":\"%s\"".formatted(family(order)));
    }
}
