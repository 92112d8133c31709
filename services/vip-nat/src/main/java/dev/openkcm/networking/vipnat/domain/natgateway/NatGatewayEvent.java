package dev.openkcm.networking.vipnat.domain.natgateway;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything that can have happened to a NATGateway. Records are never edited, only added. */
public sealed interface NatGatewayEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            NatGatewaySpec spec)
            implements NatGatewayEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            NatGatewaySpec spec)
            implements NatGatewayEvent {}

    record AddressRequested(String name) implements NatGatewayEvent {}

    record AddressAwaited(String name, String reason, String message) implements NatGatewayEvent {}

    record AddressAssigned(String name, String ip, String pool) implements NatGatewayEvent {}

    record AddressReleasing(String name, String ip) implements NatGatewayEvent {}

    record AddressRetained(String name, String ip) implements NatGatewayEvent {}

    record AddressReleased(String name, @Nullable String ip) implements NatGatewayEvent {}

    record ServiceChanged(Service service) implements NatGatewayEvent {}

    /** Somebody asked for the deletion; the ports are withdrawn first. */
    record DeletionRequested() implements NatGatewayEvent {}

    record Deleted() implements NatGatewayEvent {}
}
