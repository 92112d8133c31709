package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolCommand;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolSpec;
import dev.openkcm.networking.schemas.addresspool.v1.ApplyAddressPool;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The pool of IPv4 that VirtualIPs and gateways get their addresses from. */
final class AddressPoolCommands implements CommandSource {

    @Override
    public String entity() {
        return "address-pool";
    }

    @Override
    public String key(int resource) {
        return "bench-pool";
    }

    @Override
    public SpecificRecord avro(Order order) {
        var spec =
                AddressPoolSpec.newBuilder()
                        .setIpFamily("IPv4")
                        .setCidrs(List.of("100.64.0.0/10"))
                        .build();
        return AddressPoolCommand.newBuilder()
                .setAction(ApplyAddressPool.newBuilder().setSpec(spec).build())
                .build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the pool is created with Avro");
    }
}
