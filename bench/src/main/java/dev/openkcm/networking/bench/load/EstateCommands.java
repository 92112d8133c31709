package dev.openkcm.networking.bench.load;

import dev.openkcm.networking.schemas.common.v1.Delete;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.network.v1.ApplyNetwork;
import dev.openkcm.networking.schemas.network.v1.NetworkCommand;
import dev.openkcm.networking.schemas.network.v1.NetworkReference;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.Peering;
import dev.openkcm.networking.schemas.networkinterface.v1.ApplyNetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCommand;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPSource;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * The Networks and interfaces of an estate: Networks in pairs that peer, a hundred interfaces in
 * each, every tenth of which names a VirtualIP; or one Network by itself, full of interfaces.
 */
public final class EstateCommands implements CommandSource {

    public static final String NETWORKS = "estate-network";
    public static final String INTERFACES = "estate-interface";
    public static final String BALANCERS = "estate-balancer";
    public static final String POLICIES = "estate-policy";

    /** Interfaces of the Network by itself, which is the only one of its driver. */
    public static final String CROWD = "estate-crowd";

    public static final String CROWDED = "estate-crowded";

    public static final int INTERFACES_EACH = 100;
    public static final int POLICIES_EACH = 5;
    public static final int VIRTUAL_IP_EVERY = 10;

    private final String part;
    private final int networks;

    private EstateCommands(String part, int networks) {
        this.part = part;
        this.networks = networks;
    }

    /**
     * The source of a part of an estate.
     *
     * @param resources how many there are in the part
     */
    static CommandSource of(String part, int resources) {
        return switch (part) {
            case BALANCERS -> new LoadBalancerCommands("", resources);
            case POLICIES -> new PolicyCommands("", resources / POLICIES_EACH);
            case INTERFACES -> new EstateCommands(part, resources / INTERFACES_EACH);
            case NETWORKS -> new EstateCommands(part, resources);
            default -> new EstateCommands(part, 1);
        };
    }

    private boolean network() {
        return part.equals(NETWORKS) || part.equals(CROWDED);
    }

    @Override
    public String entity() {
        return network() ? "network" : "network-interface";
    }

    @Override
    public String key(int resource) {
        return Manifests.NAMESPACE
                + "/"
                + switch (part) {
                    case NETWORKS -> "net-" + resource;
                    case CROWDED -> CROWDED;
                    case CROWD -> "crowd-" + resource;
                    default -> "nic-" + resource;
                };
    }

    /** Whether the key is that of the Network by itself, or of one of its interfaces. */
    public static boolean ofCrowd(String key) {
        String name = key.substring(Manifests.NAMESPACE.length() + 1);
        return name.equals(CROWDED) || name.startsWith("crowd-");
    }

    /** The one address of an interface; peers have others. */
    public static String address(int resource, int networks) {
        int network = resource % networks;
        int inNetwork = resource / networks;
        return "10.%d.%d.%d".formatted(network % 2, inNetwork >> 8 & 255, inNetwork & 255);
    }

    @Override
    public SpecificRecord avro(Order order) {
        if (order.action() == Order.Action.DELETE) {
            return network()
                    ? NetworkCommand.newBuilder().setAction(new Delete()).build()
                    : NetworkInterfaceCommand.newBuilder().setAction(new Delete()).build();
        }
        return network() ? network(order) : nic(order);
    }

    private SpecificRecord network(Order order) {
        var spec = NetworkSpec.newBuilder();
        if (part.equals(NETWORKS)) {
            var peer = NetworkReference.newBuilder().setName("net-" + (order.resource() ^ 1));
            spec.setPeerings(
                    List.of(
                            Peering.newBuilder()
                                    .setName("peering1")
                                    .setNetworkRef(peer.build())
                                    .build()));
        }
        return NetworkCommand.newBuilder()
                .setAction(
                        ApplyNetwork.newBuilder()
                                .setLabels(Manifests.labels(order))
                                .setSpec(spec.build())
                                .build())
                .build();
    }

    private SpecificRecord nic(Order order) {
        int nic = order.resource();
        boolean crowd = part.equals(CROWD);
        String network = crowd ? CROWDED : "net-" + nic % networks;
        var spec =
                NetworkInterfaceSpec.newBuilder()
                        .setNetworkRef(LocalReference.newBuilder().setName(network).build())
                        .setIpFamilies(List.of("IPv4"))
                        .setIps(
                                List.of(
                                        IPSource.newBuilder()
                                                .setValue(address(nic, networks))
                                                .build()));
        if (!crowd && nic % VIRTUAL_IP_EVERY == 0) {
            String vip = VirtualIpCommands.name("", nic / VIRTUAL_IP_EVERY);
            spec.setVirtualIP(
                    VirtualIPSource.newBuilder()
                            .setVirtualIPRef(LocalReference.newBuilder().setName(vip).build())
                            .build());
        }
        var labels =
                Map.of(
                        "app",
                        "app-" + nic % networks % 20,
                        "tier",
                        "tier-" + nic / networks % 3,
                        "revision",
                        "r" + order.revision());
        return NetworkInterfaceCommand.newBuilder()
                .setAction(
                        ApplyNetworkInterface.newBuilder()
                                .setLabels(labels)
                                .setSpec(spec.build())
                                .build())
                .build();
    }

    @Override
    public @Nullable String json(Order order) {
        throw new UnsupportedOperationException("the estate is written with Avro");
    }
}
