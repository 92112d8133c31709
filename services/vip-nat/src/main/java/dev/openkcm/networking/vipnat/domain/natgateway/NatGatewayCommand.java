package dev.openkcm.networking.vipnat.domain.natgateway;

import dev.openkcm.networking.vipnat.domain.Grant;
import java.util.SortedMap;

/** Everything that can be asked of a NATGateway, or learned about it. */
public sealed interface NatGatewayCommand {

    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            NatGatewaySpec spec)
            implements NatGatewayCommand {}

    record Delete() implements NatGatewayCommand {}

    /** The pools answered. */
    record Granted(Grant grant) implements NatGatewayCommand {}

    /** The port table of the gateway changed. */
    record ServiceObserved(String uid, Service service) implements NatGatewayCommand {}

    /** An address that is being given up since this version is empty. */
    record AddressEmptied(String uid, String name, long since) implements NatGatewayCommand {}

    /** Nobody has ports of the gateway, which is being deleted. */
    record PortsWithdrawn(String uid) implements NatGatewayCommand {}
}
