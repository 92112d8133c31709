package dev.openkcm.networking.vipnat.domain.virtualip;

import dev.openkcm.networking.vipnat.domain.Grant;
import java.util.List;
import java.util.SortedMap;

/** Everything that can be asked of a VirtualIP, or learned about it. */
public sealed interface VirtualIpCommand {

    /** Carries who names the VirtualIP already: interfaces may come before it. */
    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            VirtualIpSpec spec,
            Queue queue)
            implements VirtualIpCommand {}

    record Delete() implements VirtualIpCommand {}

    /** The pools answered. */
    record Granted(Grant grant) implements VirtualIpCommand {}

    /** Somebody names the VirtualIP, or no longer does; to be taken note of. */
    record Named(Target by, List<String> ipFamilies, boolean named) implements VirtualIpCommand {
        public Named {
            ipFamilies = List.copyOf(ipFamilies);
        }
    }

    /** Who names the VirtualIP changed. */
    record QueueChanged(Queue queue) implements VirtualIpCommand {}
}
