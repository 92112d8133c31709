package dev.openkcm.networking.networkinterface.domain;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.Meta;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A NetworkInterface as published, or its absence. */
public sealed interface NetworkInterface {

    /** Nobody has created it, or it is gone. */
    record Absent() implements NetworkInterface {}

    /** The state that people see. */
    enum State {
        Pending,
        Available,
        Error
    }

    /**
     * A NetworkInterface that exists.
     *
     * @param since when the state last changed
     * @param ips the addresses it holds
     * @param prefixes the ranges it holds
     * @param virtualIps its public addresses, sorted
     * @param natRanges the ports that NATGateways give it, sorted by gateway
     */
    record Present(
            Meta meta,
            InterfaceSpec spec,
            State state,
            Instant since,
            List<String> ips,
            List<String> prefixes,
            List<String> virtualIps,
            List<NatRange> natRanges,
            List<Condition> conditions)
            implements NetworkInterface {

        public Present {
            ips = List.copyOf(ips);
            prefixes = List.copyOf(prefixes);
            virtualIps = List.copyOf(virtualIps);
            natRanges = List.copyOf(natRanges);
            conditions = List.copyOf(conditions);
        }

        /** The public address that tools which know one only are shown: the IPv4 one, if any. */
        public Optional<String> virtualIp() {
            return virtualIps.stream()
                    .filter(ip ->
                            Cidr.parseAddress(ip)
                                    .map(Cidr::family)
                                    .equals(Optional.of(IpFamily.IPv4)))
                    .findFirst()
                    .or(() -> virtualIps.stream().findFirst());
        }
    }
}
