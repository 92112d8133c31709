package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.Surroundings.Input;
import dev.openkcm.networking.kernel.streams.Surroundings.Outbox;
import dev.openkcm.networking.kernel.streams.Surroundings.Told;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.vipnat.domain.Grant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Claims that the kinds of this service make, and the answers to them.
 *
 * <p>The slot of a claim tells the family, too: addresses of the two families are given by
 * different tasks, and the end of a claim to one must not pass for the end of a claim to the other
 * that a later resource of the same name makes.
 */
final class Grants {

    private Grants() {}

    /** The answers for the claimants of a kind; a tombstone says nothing that is not known. */
    static <C> Input<C> input(String kind, Function<Grant, C> payload) {
        return new Input<>(
                VipNatTopology.GRANTS,
                RecordKeys.ofParts(4),
                PublicAddressGrant.class,
                (_, value) -> read(kind, value).map(g -> told(g, payload)));
    }

    private static Optional<PublicAddressGrant> read(String kind, @Nullable SpecificRecord value) {
        return value instanceof PublicAddressGrant grant && grant.getKind().equals(kind)
                ? Optional.of(grant)
                : Optional.empty();
    }

    private static <C> Told<C> told(PublicAddressGrant grant, Function<Grant, C> payload) {
        return new Told<>(
                new ResourceKey(grant.getNamespace(), grant.getName()),
                payload.apply(
                        new Grant(
                                grant.getUid(),
                                grant.getSlot().substring(grant.getSlot().indexOf('-') + 1),
                                grant.getAddress(),
                                grant.getPool(),
                                grant.getReason(),
                                grant.getMessage(),
                                grant.getSequence())));
    }

    static void claim(
            Outbox outbox,
            String kind,
            String family,
            String slot,
            boolean wanted,
            Event<?> cause) {
        outbox.send(
                VipNatTopology.CLAIMS,
                family,
                new PublicAddressClaim(
                        kind,
                        cause.key().namespace(),
                        cause.key().name(),
                        cause.uid().toString(),
                        family.toLowerCase(Locale.ROOT) + "-" + slot,
                        family,
                        wanted,
                        null,
                        cause.sequence()),
                cause);
    }
}
