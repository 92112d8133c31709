package dev.openkcm.networking.networkinterface.domain;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything that can be asked of a NetworkInterface, or learned about it. */
public sealed interface InterfaceCommand {

    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            InterfaceSpec spec)
            implements InterfaceCommand {}

    record Delete() implements InterfaceCommand {}

    /**
     * The address book of the Network answered.
     *
     * @param claim the generation of the spec whose addresses were claimed
     * @param claimant the uid of the interface that claimed; null in answers from before it was
     *     told
     * @param conflicts what could not be held
     */
    record AddressesAnswered(
            NetworkFact network,
            long claim,
            @Nullable String claimant,
            List<AddressInUse> conflicts)
            implements InterfaceCommand {
        public AddressesAnswered {
            conflicts = List.copyOf(conflicts);
        }
    }

    /**
     * A VirtualIP targets the interface, or no longer does, or will when it is its turn.
     *
     * @param uid of the interface that is meant; empty when it targets none any more
     * @param waiting why the interface, which names the VirtualIP, does not have it
     */
    record VirtualIpObserved(
            String name, String ip, boolean attached, String uid, @Nullable Waiting waiting)
            implements InterfaceCommand {

        /** One word for programs, and a sentence. */
        public record Waiting(String reason, String message) {}
    }

    /**
     * A NATGateway gives the interface ports, or none.
     *
     * @param uid of the interface that is meant; empty when there are no ports
     */
    record NatRangeObserved(String gateway, String uid, @Nullable NatRange range)
            implements InterfaceCommand {}
}
