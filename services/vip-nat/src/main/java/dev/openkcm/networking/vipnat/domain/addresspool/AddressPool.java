package dev.openkcm.networking.vipnat.domain.addresspool;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import java.util.List;

/** An AddressPool as published, or its absence. */
public sealed interface AddressPool {

    /** Nobody has created it, or it is gone. */
    record Absent() implements AddressPool {}

    /** The state that people see. */
    enum State {
        Available,
        Deleting
    }

    /** An AddressPool that exists. */
    record Present(
            Meta meta, AddressPoolSpec spec, Utilisation utilisation, List<Condition> conditions)
            implements AddressPool {

        public Present {
            conditions = List.copyOf(conditions);
        }

        public State state() {
            return meta.deleting() ? State.Deleting : State.Available;
        }
    }
}
