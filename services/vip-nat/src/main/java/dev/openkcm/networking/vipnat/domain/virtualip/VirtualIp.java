package dev.openkcm.networking.vipnat.domain.virtualip;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A VirtualIP as published, or its absence. */
public sealed interface VirtualIp {

    /** Nobody has created it, or it is gone. */
    record Absent() implements VirtualIp {}

    /** The state that people see. */
    enum State {
        Pending,
        Available
    }

    /**
     * A VirtualIP that exists.
     *
     * @param pool that the address is from
     * @param target who has it
     */
    record Present(
            Meta meta,
            VirtualIpSpec spec,
            @Nullable String ip,
            @Nullable String pool,
            @Nullable Target target,
            Waiting waiting,
            List<Condition> conditions)
            implements VirtualIp {

        public Present {
            conditions = List.copyOf(conditions);
        }

        public State state() {
            return ip == null ? State.Pending : State.Available;
        }
    }
}
