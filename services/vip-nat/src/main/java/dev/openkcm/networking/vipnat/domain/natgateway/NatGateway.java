package dev.openkcm.networking.vipnat.domain.natgateway;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.vipnat.domain.Finding;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A NATGateway as published, or its absence. */
public sealed interface NatGateway {

    /** Nobody has created it, or it is gone. */
    record Absent() implements NatGateway {}

    /** The state that people see. */
    enum State {
        Pending,
        Available,
        Deleting
    }

    /**
     * A public address that it has.
     *
     * @param name within the gateway
     * @param used how many interfaces have ports of it
     * @param releasingSince while it is being given up: the version at which that began
     */
    record Ip(String name, String ip, int used, @Nullable Long releasingSince) {

        boolean releasing() {
            return releasingSince != null;
        }
    }

    /** A public address that it asked for at some version. */
    record Awaited(String name, long since) {}

    /** A NATGateway that exists. */
    record Present(
            Meta meta,
            NatGatewaySpec spec,
            List<Ip> ips,
            List<Awaited> awaited,
            Service service,
            List<Condition> conditions)
            implements NatGateway {

        public Present {
            ips = List.copyOf(ips);
            awaited = List.copyOf(awaited);
            conditions = List.copyOf(conditions);
        }

        /** A Network that is being deleted goes on being served until it is gone. */
        public State state() {
            if (meta.deleting()) {
                return State.Deleting;
            }
            boolean network =
                    service.network() == NetworkFact.Available
                            || service.network() == NetworkFact.Deleting;
            return network && !ips.isEmpty() ? State.Available : State.Pending;
        }

        /** Whether it can have no further address at present. */
        public boolean full() {
            long kept = ips.stream().filter(ip -> !ip.releasing()).count();
            boolean refused =
                    !awaited.isEmpty()
                            && !Finding.in(conditions, NatGatewayDecider.ADDRESSES_ALLOCATED)
                                    .equals(NatGatewayDecider.NOT_ANSWERED);
            return kept >= spec.max() || refused;
        }

        Optional<Ip> ip(String name) {
            return ips.stream().filter(i -> i.name().equals(name)).findFirst();
        }

        Optional<Awaited> awaited(String name) {
            return awaited.stream().filter(a -> a.name().equals(name)).findFirst();
        }
    }
}
