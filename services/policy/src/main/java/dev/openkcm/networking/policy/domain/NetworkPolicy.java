package dev.openkcm.networking.policy.domain;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import java.util.List;

/** A NetworkPolicy as published, or its absence. */
public sealed interface NetworkPolicy {

    /** Nobody has created it, or it is gone. */
    record Absent() implements NetworkPolicy {}

    /** The state that people see. */
    enum State {
        Pending,
        Available
    }

    /**
     * A NetworkPolicy that exists.
     *
     * @param state Available once the rules of this spec are compiled in a Network that works
     * @param interfaces how many it applies to, as last counted
     * @param rules how many it was compiled to
     */
    record Present(
            Meta meta,
            PolicySpec spec,
            State state,
            int interfaces,
            int rules,
            List<Condition> conditions)
            implements NetworkPolicy {
        public Present {
            conditions = List.copyOf(conditions);
        }
    }
}
