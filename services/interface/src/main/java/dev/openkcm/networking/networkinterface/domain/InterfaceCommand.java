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

    /** A VirtualIP targets the interface, or no longer does. */
    record VirtualIpObserved(String name, String ip, boolean attached)
            implements InterfaceCommand {}
}
