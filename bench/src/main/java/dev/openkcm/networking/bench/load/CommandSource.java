package dev.openkcm.networking.bench.load;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** How orders for one kind of resource are put into words; one more kind is one more of these. */
interface CommandSource {

    /** The entity, as in topic names. */
    String entity();

    /** The key of a resource. */
    String key(int resource);

    /** The envelope in Avro. */
    SpecificRecord avro(Order order);

    /** The manifest; null deletes. */
    @Nullable String json(Order order);

    /**
     * The source of a kind.
     *
     * @param prefix of the names, so that several legs do not meet
     * @param resources how many there are
     */
    static CommandSource of(String entity, String prefix, int resources) {
        return switch (entity) {
            case "network" -> new NetworkCommands(prefix);
            case "network-interface" -> new InterfaceCommands(prefix);
            case RoutedInterfaces.SPREAD,
                    RoutedInterfaces.NOTED,
                    RoutedInterfaces.POPULAR,
                    RoutedInterfaces.MOVED,
                    RoutedInterfaces.CROWDED,
                    RoutedInterfaces.CLUBBED ->
                    new RoutedInterfaces(entity, prefix);
            case VipUserCommands.USERS -> new VipUserCommands(prefix);
            case PeeringCommands.PAIRED -> new PeeringCommands(prefix);
            case BalancerCommands.CHOOSING,
                    BalancerCommands.POPULAR,
                    BalancerCommands.DOOMED,
                    BalancerCommands.FICKLE ->
                    BalancerCommands.of(entity, prefix);
            case ChoosingPolicies.CHOOSING -> new ChoosingPolicies(prefix);
            case "load-balancer" -> new LoadBalancerCommands(prefix, InterfaceCommands.NETWORKS);
            case "virtual-ip" -> new VirtualIpCommands(prefix);
            case "nat-gateway" -> new NatGatewayCommands(prefix);
            case "address-pool" -> new AddressPoolCommands();
            case "network-policy" -> new PolicyCommands(prefix, InterfaceCommands.NETWORKS);
            case EstateCommands.NETWORKS,
                    EstateCommands.INTERFACES,
                    EstateCommands.BALANCERS,
                    EstateCommands.POLICIES,
                    EstateCommands.CROWD,
                    EstateCommands.CROWDED ->
                    EstateCommands.of(entity, resources);
            default -> throw new IllegalArgumentException("no commands for " + entity);
        };
    }
}
