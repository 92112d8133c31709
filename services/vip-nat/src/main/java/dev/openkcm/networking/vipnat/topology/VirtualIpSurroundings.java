package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressClaim;
import dev.openkcm.networking.vipnat.domain.virtualip.Queue;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp.Present;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Beside VirtualIPs: who names them, and the claims to addresses. */
public final class VirtualIpSurroundings
        implements Surroundings<VirtualIp, VirtualIpCommand, VirtualIpEvent> {

    private static final String KIND = "VirtualIP";
    private static final String SLOT = "address";

    @SuppressWarnings("NullAway.Init") // Set by open(), which is called first.
    private ClaimantRows claimants;

    private VirtualIpSurroundings() {}

    public static Recipe<VirtualIp, VirtualIpCommand, VirtualIpEvent> recipe() {
        return new Recipe<>() {
            @Override
            public Surroundings<VirtualIp, VirtualIpCommand, VirtualIpEvent> create() {
                return new VirtualIpSurroundings();
            }

            @Override
            public Set<Target> targets() {
                return Set.of(new Target(VipNatTopology.CLAIMS, PublicAddressClaim.class));
            }

            @Override
            public List<Input<VirtualIpCommand>> inputs() {
                return List.of(Grants.input(KIND, VirtualIpCommand.Granted::new));
            }
        };
    }

    @Override
    public void open(Parts parts, int partition, int partitions) {
        claimants = new ClaimantRows(parts.get("claimants"));
    }

    @Override
    public VirtualIpCommand complete(
            ResourceKey key, VirtualIp state, VirtualIpCommand payload, Instant now) {
        return switch (payload) {
            case VirtualIpCommand.Apply apply ->
                    new VirtualIpCommand.Apply(
                            apply.labels(),
                            apply.annotations(),
                            apply.spec(),
                            claimants.queue(key, apply.spec().ipFamily(), null));
            case VirtualIpCommand.Named(var by, var families, var named) -> {
                claimants.note(key, by, families, named);
                yield new VirtualIpCommand.QueueChanged(
                        state instanceof Present present
                                ? claimants.queue(key, present.spec().ipFamily(), present.target())
                                : Queue.EMPTY);
            }
            case VirtualIpCommand.Delete _,
                    VirtualIpCommand.Granted _,
                    VirtualIpCommand.QueueChanged _ ->
                    payload;
        };
    }

    @Override
    public void happened(
            VirtualIp before, VirtualIp after, List<Event<VirtualIpEvent>> events, Outbox outbox) {
        for (var event : events) {
            switch (event.payload()) {
                case VirtualIpEvent.Created created ->
                        Grants.claim(outbox, KIND, created.spec().ipFamily(), SLOT, true, event);
                case VirtualIpEvent.Deleted _ -> {
                    if (before instanceof Present gone) {
                        Grants.claim(outbox, KIND, gone.spec().ipFamily(), SLOT, false, event);
                    }
                }
                case VirtualIpEvent.Updated _,
                        VirtualIpEvent.AddressAssigned _,
                        VirtualIpEvent.AddressAwaited _,
                        VirtualIpEvent.TargetAssigned _,
                        VirtualIpEvent.TargetReleased _,
                        VirtualIpEvent.WaitingChanged _ -> {}
            }
        }
    }
}
