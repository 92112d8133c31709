package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.schemas.natgateway.v1.NatAddress;
import dev.openkcm.networking.schemas.natgateway.v1.NatGatewaySetup;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.Present;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent;
import java.util.List;
import java.util.Set;

/** Beside NATGateways: the claims to addresses, and the port table of the Network. */
public final class NatGatewaySurroundings
        implements Surroundings<NatGateway, NatGatewayCommand, NatGatewayEvent> {

    private static final String KIND = "NATGateway";

    private NatGatewaySurroundings() {}

    public static Recipe<NatGateway, NatGatewayCommand, NatGatewayEvent> recipe() {
        return new Recipe<>() {
            @Override
            public Surroundings<NatGateway, NatGatewayCommand, NatGatewayEvent> create() {
                return new NatGatewaySurroundings();
            }

            @Override
            public Set<Target> targets() {
                return Set.of(
                        new Target(VipNatTopology.CLAIMS, PublicAddressClaim.class),
                        new Target(VipNatTopology.GATEWAYS, NatGatewaySetup.class));
            }

            @Override
            public List<Input<NatGatewayCommand>> inputs() {
                return List.of(Grants.input(KIND, NatGatewayCommand.Granted::new));
            }
        };
    }

    @Override
    public void happened(
            NatGateway before,
            NatGateway after,
            List<Event<NatGatewayEvent>> events,
            Outbox outbox) {
        claim(before, after, events, outbox);
        var cause = events.getLast();
        if (after instanceof Present now
                && !(before instanceof Present then && sameSetup(then, now))) {
            send(now, cause, outbox);
        }
    }

    private static void claim(
            NatGateway before,
            NatGateway after,
            List<Event<NatGatewayEvent>> events,
            Outbox outbox) {
        var known = after instanceof Present present ? present : before;
        if (!(known instanceof Present gateway)) {
            return;
        }
        String family = gateway.spec().ipFamily();
        for (var event : events) {
            switch (event.payload()) {
                case NatGatewayEvent.AddressRequested(var name) ->
                        Grants.claim(outbox, KIND, family, name, true, event);
                case NatGatewayEvent.AddressReleased(var name, _) ->
                        Grants.claim(outbox, KIND, family, name, false, event);
                case NatGatewayEvent.Deleted _ -> {
                    gateway.ips()
                            .forEach(ip ->
                                    Grants.claim(outbox, KIND, family, ip.name(), false, event));
                    gateway.awaited()
                            .forEach(a ->
                                    Grants.claim(outbox, KIND, family, a.name(), false, event));
                }
                case NatGatewayEvent.Created _,
                        NatGatewayEvent.Updated _,
                        NatGatewayEvent.AddressAwaited _,
                        NatGatewayEvent.AddressAssigned _,
                        NatGatewayEvent.AddressReleasing _,
                        NatGatewayEvent.AddressRetained _,
                        NatGatewayEvent.ServiceChanged _,
                        NatGatewayEvent.DeletionRequested _ -> {}
            }
        }
    }

    private static boolean sameSetup(Present one, Present other) {
        return addresses(one).equals(addresses(other))
                && one.spec().equals(other.spec())
                && one.full() == other.full()
                && one.meta().deleting() == other.meta().deleting();
    }

    private static List<NatAddress> addresses(Present gateway) {
        return gateway.ips().stream()
                .map(ip -> new NatAddress(ip.name(), ip.ip(), ip.releasingSince()))
                .toList();
    }

    private static void send(Present gateway, Event<?> cause, Outbox outbox) {
        var key = gateway.meta().key();
        outbox.send(
                VipNatTopology.GATEWAYS,
                key.sibling(gateway.spec().network()).toString(),
                new NatGatewaySetup(
                        key.namespace(),
                        key.name(),
                        gateway.meta().uid().toString(),
                        cause.sequence(),
                        !gateway.meta().deleting(),
                        gateway.spec().ipFamily(),
                        gateway.spec().portsOrDefault(),
                        gateway.full(),
                        addresses(gateway)),
                cause);
    }
}
