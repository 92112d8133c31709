package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.schemas.addresspool.v1.PoolSetup;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool.Present;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent;
import java.util.List;
import java.util.Set;

/** Beside AddressPools: the allocator is told what they are wished to be. */
public final class AddressPoolSurroundings
        implements Surroundings<AddressPool, AddressPoolCommand, AddressPoolEvent> {

    private AddressPoolSurroundings() {}

    public static Recipe<AddressPool, AddressPoolCommand, AddressPoolEvent> recipe() {
        return new Recipe<>() {
            @Override
            public Surroundings<AddressPool, AddressPoolCommand, AddressPoolEvent> create() {
                return new AddressPoolSurroundings();
            }

            @Override
            public Set<Target> targets() {
                return Set.of(new Target(VipNatTopology.POOLS, PoolSetup.class));
            }
        };
    }

    @Override
    public void happened(
            AddressPool before,
            AddressPool after,
            List<Event<AddressPoolEvent>> events,
            Outbox outbox) {
        var cause = events.getLast();
        if (after instanceof Present now) {
            boolean known =
                    before instanceof Present then
                            && then.spec().equals(now.spec())
                            && then.meta().deleting() == now.meta().deleting();
            if (!known) {
                send(now, true, cause, outbox);
            }
        } else if (before instanceof Present gone) {
            send(gone, false, cause, outbox);
        }
    }

    private static void send(Present pool, boolean present, Event<?> cause, Outbox outbox) {
        outbox.send(
                VipNatTopology.POOLS,
                pool.spec().ipFamily(),
                new PoolSetup(
                        pool.meta().key().name(),
                        pool.meta().uid().toString(),
                        present,
                        pool.meta().deleting(),
                        pool.spec().cidrs()),
                cause);
    }
}
