package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.RecordKeys;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.loadbalancer.codec.LoadBalancerCodec;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.Present;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent;
import dev.openkcm.networking.loadbalancer.domain.PublicAddress;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Beside LoadBalancers: claims to the address book of the Network and to the public pools, whose
 * answers come back as observations, and the row by which the routing knows a balancer.
 */
public final class LoadBalancerSurroundings
        implements Surroundings<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> {

    private static final String KIND = "LoadBalancer";

    private LoadBalancerSurroundings() {}

    public static Recipe<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> recipe() {
        return new Recipe<>() {
            @Override
            public Surroundings<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> create() {
                return new LoadBalancerSurroundings();
            }

            @Override
            public Set<Target> targets() {
                return Set.of(
                        new Target(LoadBalancerTopology.NETWORK_CLAIMS, AddressClaim.class),
                        new Target(LoadBalancerTopology.POOL_CLAIMS, PublicAddressClaim.class),
                        new Target(LoadBalancerTopology.BALANCERS, BalancerRow.class, true));
            }

            @Override
            public List<Input<LoadBalancerCommand>> inputs() {
                return List.of(
                        new Input<>(
                                LoadBalancerTopology.NETWORK_ANSWERS,
                                RecordKeys.ofParts(2),
                                AddressAnswer.class,
                                LoadBalancerSurroundings::answer),
                        new Input<>(
                                LoadBalancerTopology.POOL_GRANTS,
                                RecordKeys.ofParts(4),
                                PublicAddressGrant.class,
                                LoadBalancerSurroundings::grant));
            }
        };
    }

    private static Optional<Told<LoadBalancerCommand>> answer(
            String key, @Nullable SpecificRecord value) {
        return value instanceof AddressAnswer answer && answer.getKind().equals(KIND)
                ? Optional.of(new Told<>(ResourceKey.parse(key), LoadBalancerCodec.answer(answer)))
                : Optional.empty();
    }

    /** The key is {@code <kind>/<namespace>/<name>/<slot>}. */
    private static Optional<Told<LoadBalancerCommand>> grant(
            String key, @Nullable SpecificRecord value) {
        String[] parts = key.split("/", -1);
        if (!parts[0].equals(KIND)) {
            return Optional.empty();
        }
        LoadBalancerCommand payload =
                value instanceof PublicAddressGrant grant
                        ? new LoadBalancerCommand.AddressGranted(
                                grant.getUid(),
                                grant.getSlot(),
                                grant.getSequence(),
                                grant.getAddress(),
                                grant.getReason(),
                                grant.getMessage())
                        : new LoadBalancerCommand.GrantEnded(parts[3]);
        return Optional.of(new Told<>(new ResourceKey(parts[1], parts[2]), payload));
    }

    @Override
    public void happened(
            LoadBalancer before,
            LoadBalancer after,
            List<Event<LoadBalancerEvent>> events,
            Outbox outbox) {
        var cause = events.getLast();
        var then = before instanceof Present present ? present : null;
        var now = after instanceof Present present ? present : null;
        claimInNetwork(then, now, cause, outbox);
        claimFromPools(then, now, cause, outbox);
        tellRouting(then, now, cause, outbox);
    }

    /** The Network of a balancer never changes, so a claim replaces the earlier one there. */
    private static void claimInNetwork(
            @Nullable Present then, @Nullable Present now, Event<?> cause, Outbox outbox) {
        if (now == null) {
            if (then != null) {
                claimInNetwork(then, false, List.of(), cause, outbox);
            }
        } else if (then == null || then.facts().claim() != now.facts().claim()) {
            claimInNetwork(now, true, now.spec().claims(), cause, outbox);
        }
    }

    private static void claimInNetwork(
            Present balancer,
            boolean wanted,
            List<String> addresses,
            Event<?> cause,
            Outbox outbox) {
        var key = balancer.meta().key();
        outbox.send(
                LoadBalancerTopology.NETWORK_CLAIMS,
                key.sibling(balancer.spec().network()).toString(),
                new AddressClaim(
                        KIND,
                        key.namespace(),
                        key.name(),
                        balancer.meta().uid().toString(),
                        wanted,
                        balancer.facts().claim(),
                        addresses),
                cause);
    }

    /** What is not needed any more is given back before something else is asked for. */
    private static void claimFromPools(
            @Nullable Present then, @Nullable Present now, Event<?> cause, Outbox outbox) {
        var before = then == null ? List.<PublicAddress>of() : then.facts().publicAddresses();
        var after = now == null ? List.<PublicAddress>of() : now.facts().publicAddresses();
        for (PublicAddress address : before) {
            if (then != null && !has(after, address)) {
                claimFromPool(then, address, false, cause, outbox);
            }
        }
        for (PublicAddress address : after) {
            if (now != null && !has(before, address)) {
                claimFromPool(now, address, true, cause, outbox);
            }
        }
    }

    private static boolean has(List<PublicAddress> addresses, PublicAddress wanted) {
        return addresses.stream()
                .anyMatch(a -> a.slot().equals(wanted.slot()) && a.claim() == wanted.claim());
    }

    private static void claimFromPool(
            Present balancer,
            PublicAddress address,
            boolean wanted,
            Event<?> cause,
            Outbox outbox) {
        var key = balancer.meta().key();
        String family = address.family().name();
        outbox.send(
                LoadBalancerTopology.POOL_CLAIMS,
                family,
                new PublicAddressClaim(
                        KIND,
                        key.namespace(),
                        key.name(),
                        balancer.meta().uid().toString(),
                        address.slot(),
                        family,
                        wanted,
                        null,
                        wanted ? address.claim() : cause.sequence()),
                cause);
    }

    private static void tellRouting(
            @Nullable Present then, @Nullable Present now, Event<?> cause, Outbox outbox) {
        if (now != null && (then == null || !sameRouting(then, now))) {
            outbox.send(
                    LoadBalancerTopology.BALANCERS, row(now), LoadBalancerCodec.row(now), cause);
        } else if (now == null && then != null) {
            outbox.send(LoadBalancerTopology.BALANCERS, row(then), null, cause);
        }
    }

    private static boolean sameRouting(Present then, Present now) {
        return then.meta().deleting() == now.meta().deleting()
                && Objects.equals(then.spec().selector(), now.spec().selector())
                && then.spec().ipFamilies().equals(now.spec().ipFamilies());
    }

    private static String row(Present balancer) {
        var key = balancer.meta().key();
        return key.sibling(balancer.spec().network()) + "/" + key.name();
    }
}
