package dev.openkcm.networking.networkinterface.domain;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can have happened to a NetworkInterface. Records are never edited, only added.
 */
public sealed interface InterfaceEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            InterfaceSpec spec)
            implements InterfaceEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            InterfaceSpec spec)
            implements InterfaceEvent {}

    record AddressesAnswered(NetworkFact network, long claim, List<AddressInUse> conflicts)
            implements InterfaceEvent {
        public AddressesAnswered {
            conflicts = List.copyOf(conflicts);
        }
    }

    record VirtualIpAttached(String name, String ip) implements InterfaceEvent {}

    record VirtualIpDetached(String name, String ip) implements InterfaceEvent {}

    record VirtualIpAwaited(String name, String reason, String message) implements InterfaceEvent {}

    record NatRangeChanged(String gateway, @Nullable NatRange range) implements InterfaceEvent {}

    record Deleted() implements InterfaceEvent {}
}
