package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.network.v1.ApplyNetwork;
import dev.openkcm.networking.schemas.network.v1.NetworkCommand;
import dev.openkcm.networking.schemas.network.v1.NetworkReference;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.Peering;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Pairs of Networks that peer: first the one half of all, then the other. */
public final class PeeringCommands implements CommandSource {

    /** In place of the entity of Networks. */
    public static final String PAIRED = "paired-network";

    /** How many pairs there may be; from this number on come the second halves. */
    public static final int PAIRS = 100_000;

    private final String prefix;

    PeeringCommands(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String entity() {
        return "network";
    }

    private String name(int resource) {
        return "%s%s-%d".formatted(prefix, resource < PAIRS ? "first" : "second", resource % PAIRS);
    }

    @Override
    public String key(int resource) {
        return Manifests.NAMESPACE + "/" + name(resource);
    }

    @Override
    public SpecificRecord avro(Order order) {
        String other = name((order.resource() + PAIRS) % (2 * PAIRS));
        var peering =
                Peering.newBuilder()
                        .setName("peering1")
                        .setNetworkRef(NetworkReference.newBuilder().setName(other).build())
                        .build();
        var spec = NetworkSpec.newBuilder().setPeerings(List.of(peering)).build();
        return NetworkCommand.newBuilder()
                .setAction(
                        ApplyNetwork.newBuilder()
                                .setLabels(Manifests.labels(order))
                                .setSpec(spec)
                                .build())
                .build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the chain is measured with Avro");
    }
}
