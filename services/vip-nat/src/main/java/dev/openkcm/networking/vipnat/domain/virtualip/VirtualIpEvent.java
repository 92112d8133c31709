package dev.openkcm.networking.vipnat.domain.virtualip;

import java.util.SortedMap;

/** Everything that can have happened to a VirtualIP. Records are never edited, only added. */
public sealed interface VirtualIpEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            VirtualIpSpec spec)
            implements VirtualIpEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            VirtualIpSpec spec)
            implements VirtualIpEvent {}

    record AddressAssigned(String ip, String pool) implements VirtualIpEvent {}

    record AddressAwaited(String reason, String message) implements VirtualIpEvent {}

    record TargetAssigned(Target target) implements VirtualIpEvent {}

    record TargetReleased(Target target) implements VirtualIpEvent {}

    record WaitingChanged(Waiting waiting) implements VirtualIpEvent {}

    record Deleted() implements VirtualIpEvent {}
}
