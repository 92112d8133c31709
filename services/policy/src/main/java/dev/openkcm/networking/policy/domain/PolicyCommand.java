package dev.openkcm.networking.policy.domain;

import java.util.List;
import java.util.SortedMap;

/** Everything that can be asked of a NetworkPolicy, or learned about it. */
public sealed interface PolicyCommand {

    record Apply(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            PolicySpec spec)
            implements PolicyCommand {}

    record Delete() implements PolicyCommand {}

    /** The compiler tells what became of a generation of the spec. */
    record Compiled(Compilation compilation) implements PolicyCommand {}

    /**
     * What a policy was compiled to.
     *
     * @param generation of the spec
     * @param interfaces how many it applies to
     * @param dangling the paths of the selectors that find nothing
     */
    record Compilation(
            NetworkFact network,
            long generation,
            int interfaces,
            int rules,
            List<String> dangling) {
        public Compilation {
            dangling = List.copyOf(dangling);
        }
    }
}
