package dev.openkcm.networking.loadbalancer.domain;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything that can have happened to a LoadBalancer. Records are never edited, only added. */
public sealed interface LoadBalancerEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            LoadBalancerSpec spec)
            implements LoadBalancerEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            LoadBalancerSpec spec)
            implements LoadBalancerEvent {}

    record NetworkAnswered(NetworkFact network, long claim, List<HeldAddress> conflicts)
            implements LoadBalancerEvent {
        public NetworkAnswered {
            conflicts = List.copyOf(conflicts);
        }
    }

    record PublicAddressChanged(
            String slot, @Nullable String ip, @Nullable String reason, @Nullable String message)
            implements LoadBalancerEvent {}

    record VirtualIpAttached(FrontEnd frontEnd) implements LoadBalancerEvent {}

    record VirtualIpDetached(FrontEnd frontEnd) implements LoadBalancerEvent {}

    record VirtualIpAwaited(AwaitedVirtualIp awaited) implements LoadBalancerEvent {}

    /** Its destinations are withdrawn before it goes. */
    record DeletionRequested() implements LoadBalancerEvent {}

    record Deleted() implements LoadBalancerEvent {}
}
