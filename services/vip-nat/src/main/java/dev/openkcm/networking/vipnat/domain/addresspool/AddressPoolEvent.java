package dev.openkcm.networking.vipnat.domain.addresspool;

import java.util.SortedMap;

/** Everything that can have happened to an AddressPool. Records are never edited, only added. */
public sealed interface AddressPoolEvent {

    record Created(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            AddressPoolSpec spec)
            implements AddressPoolEvent {}

    record Updated(
            SortedMap<String, String> labels,
            SortedMap<String, String> annotations,
            AddressPoolSpec spec)
            implements AddressPoolEvent {}

    record UtilisationChanged(Utilisation utilisation) implements AddressPoolEvent {}

    record DeletionRequested() implements AddressPoolEvent {}

    record Deleted() implements AddressPoolEvent {}
}
