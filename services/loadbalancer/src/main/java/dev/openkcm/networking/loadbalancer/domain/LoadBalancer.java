package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import java.time.Instant;
import java.util.List;

/** A LoadBalancer as published, or its absence. */
public sealed interface LoadBalancer {

    /** Nobody has created it, or it is gone. */
    record Absent() implements LoadBalancer {}

    /** The state that people see. */
    enum State {
        Pending,
        Available,
        Error,
        Deleting
    }

    /**
     * A LoadBalancer that exists.
     *
     * @param since when the state last changed
     * @param ips the front-end addresses, in the order of the families
     */
    record Present(
            Meta meta,
            LoadBalancerSpec spec,
            Facts facts,
            State state,
            Instant since,
            List<String> ips,
            List<Condition> conditions)
            implements LoadBalancer {

        public Present {
            ips = List.copyOf(ips);
            conditions = List.copyOf(conditions);
        }
    }
}
