package dev.openkcm.networking.policy.domain;

import dev.openkcm.networking.policy.domain.PolicyCommand.Compilation;
import java.util.SortedMap;

/** Everything that can have happened to a NetworkPolicy. Records are never edited, only added. */
public sealed interface PolicyEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            PolicySpec spec)
            implements PolicyEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            PolicySpec spec)
            implements PolicyEvent {}

    record Compiled(Compilation compilation) implements PolicyEvent {}

    record Deleted() implements PolicyEvent {}
}
