package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkinterface.v1.ApplyNetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCommand;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPSource;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The interfaces of {@link InterfaceCommands}, each naming the VirtualIP of its own number. */
public final class VipUserCommands implements CommandSource {

    /** In place of the entity of interfaces. */
    public static final String USERS = "virtual-ip-user";

    private final String prefix;
    private final InterfaceCommands interfaces;

    VipUserCommands(String prefix) {
        this.prefix = prefix;
        this.interfaces = new InterfaceCommands(prefix);
    }

    @Override
    public String entity() {
        return interfaces.entity();
    }

    @Override
    public String key(int resource) {
        return interfaces.key(resource);
    }

    @Override
    public SpecificRecord avro(Order order) {
        var command = (NetworkInterfaceCommand) interfaces.avro(order);
        if (!(command.getAction() instanceof ApplyNetworkInterface apply)) {
            return command;
        }
        String vip = VirtualIpCommands.name(prefix, order.resource());
        var source =
                VirtualIPSource.newBuilder()
                        .setVirtualIPRef(LocalReference.newBuilder().setName(vip).build())
                        .build();
        var spec = NetworkInterfaceSpec.newBuilder(apply.getSpec()).setVirtualIP(source).build();
        return NetworkInterfaceCommand.newBuilder()
                .setAction(ApplyNetworkInterface.newBuilder(apply).setSpec(spec).build())
                .build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the chain is measured with Avro");
    }
}
