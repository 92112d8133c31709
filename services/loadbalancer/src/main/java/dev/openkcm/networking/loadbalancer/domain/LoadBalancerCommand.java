package dev.openkcm.networking.loadbalancer.domain;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything that can be asked of a LoadBalancer, or learned about it. */
public sealed interface LoadBalancerCommand {

    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            LoadBalancerSpec spec)
            implements LoadBalancerCommand {}

    record Delete() implements LoadBalancerCommand {}

    /**
     * The address book of the Network answered.
     *
     * @param uid of the balancer that claimed
     * @param claim the generation of the spec whose addresses were claimed
     * @param conflicts what could not be held
     */
    record NetworkAnswered(String uid, NetworkFact network, long claim, List<HeldAddress> conflicts)
            implements LoadBalancerCommand {
        public NetworkAnswered {
            conflicts = List.copyOf(conflicts);
        }
    }

    /**
     * The pools answered a claim.
     *
     * @param claim the version of the balancer that claimed
     * @param ip null while the claim waits
     */
    record AddressGranted(
            String uid,
            String slot,
            long claim,
            @Nullable String ip,
            @Nullable String reason,
            @Nullable String message)
            implements LoadBalancerCommand {}

    /** A claim to the pools has ended. */
    record GrantEnded(String slot) implements LoadBalancerCommand {}

    /**
     * No destination of a balancer that is being deleted is left.
     *
     * @param uid of that balancer
     */
    record RoutingEnded(String uid) implements LoadBalancerCommand {}

    /** A VirtualIP sends its traffic here, or no longer does. */
    record VirtualIpObserved(FrontEnd frontEnd, boolean attached) implements LoadBalancerCommand {}

    /** A VirtualIP says why it does not send its traffic here. */
    record VirtualIpAwaited(AwaitedVirtualIp awaited) implements LoadBalancerCommand {}
}
