package dev.openkcm.networking.network.codec;

import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.network.domain.Blocker;
import dev.openkcm.networking.network.domain.IdOffer;
import dev.openkcm.networking.network.domain.IncomingPeering;
import dev.openkcm.networking.network.domain.Network;
import dev.openkcm.networking.network.domain.NetworkCommand;
import dev.openkcm.networking.network.domain.NetworkEvent;
import dev.openkcm.networking.network.domain.Peering;
import dev.openkcm.networking.network.domain.PeeringStatus;
import dev.openkcm.networking.network.domain.Users;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectReference;
import dev.openkcm.networking.schemas.network.v1.AddressOverlapsChanged;
import dev.openkcm.networking.schemas.network.v1.ApplyNetwork;
import dev.openkcm.networking.schemas.network.v1.ExportedPrefix;
import dev.openkcm.networking.schemas.network.v1.NetworkCreated;
import dev.openkcm.networking.schemas.network.v1.NetworkDeleted;
import dev.openkcm.networking.schemas.network.v1.NetworkDeletionBlocked;
import dev.openkcm.networking.schemas.network.v1.NetworkDeletionRequested;
import dev.openkcm.networking.schemas.network.v1.NetworkIdAssigned;
import dev.openkcm.networking.schemas.network.v1.NetworkIdsExhausted;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.NetworkReference;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.network.v1.NetworkUpdated;
import dev.openkcm.networking.schemas.network.v1.OverlapObserved;
import dev.openkcm.networking.schemas.network.v1.PeerObserved;
import dev.openkcm.networking.schemas.network.v1.PeeringChanged;
import dev.openkcm.networking.schemas.network.v1.PeeringPhase;
import dev.openkcm.networking.schemas.network.v1.PeeringPrefix;
import dev.openkcm.networking.schemas.network.v1.PeeringState;
import dev.openkcm.networking.schemas.network.v1.UserObserved;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Networks as Avro records and back. */
public final class NetworkCodec implements ResourceCodec<Network, NetworkCommand, NetworkEvent> {

    private static final Types TYPES =
            new Types(
                    dev.openkcm.networking.schemas.network.v1.NetworkCommand.class,
                    ApplyNetwork.class,
                    dev.openkcm.networking.schemas.network.v1.NetworkEvent.class,
                    dev.openkcm.networking.schemas.network.v1.Network.class,
                    NetworkObservation.class);

    @Override
    public Types types() {
        return TYPES;
    }

    @Override
    public NetworkCommand apply(SpecificRecord apply) {
        var avro = (ApplyNetwork) apply;
        return new NetworkCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                peeringsFromAvro(avro.getSpec().getPeerings()),
                incomingFromAvro(avro.getSpec().getIncomingPeerings()),
                avro.getSpec().getProviderID(),
                new IdOffer.Unknown());
    }

    @Override
    public NetworkCommand delete() {
        return new NetworkCommand.Delete(Users.NONE);
    }

    @Override
    public NetworkCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case PeerObserved peer ->
                    new NetworkCommand.PeerObserved(
                            new ResourceKey(peer.getNamespace(), peer.getName()),
                            peer.getUid(),
                            peer.getAvailable(),
                            peer.getReferences());
            case UserObserved user ->
                    new NetworkCommand.UserObserved(
                            new Blocker(user.getKind(), user.getName(), user.getUid()),
                            user.getPresent());
            case OverlapObserved overlap ->
                    new NetworkCommand.OverlapObserved(
                            new ResourceKey(overlap.getNamespace(), overlap.getName()),
                            overlap.getMessage());
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    @Override
    public SpecificRecord payload(NetworkEvent event) {
        return switch (event) {
            case NetworkEvent.Created(var labels, var annotations, var peerings) ->
                    new NetworkCreated(labels, annotations, peeringsToAvro(peerings));
            case NetworkEvent.Updated(var labels, var annotations, var peerings) ->
                    new NetworkUpdated(labels, annotations, peeringsToAvro(peerings));
            case NetworkEvent.IdAssigned(var id, var providerId) ->
                    new NetworkIdAssigned(id, providerId);
            case NetworkEvent.IdsExhausted(var message) -> new NetworkIdsExhausted(message);
            case NetworkEvent.PeeringChanged(var status, var peer) ->
                    new PeeringChanged(toAvro(status), peer == null ? null : toAvro(peer));
            case NetworkEvent.OverlapChanged(var peer, var message) ->
                    new AddressOverlapsChanged(peer.namespace(), peer.name(), message);
            case NetworkEvent.DeletionRequested() -> new NetworkDeletionRequested();
            case NetworkEvent.DeletionBlocked(var users) ->
                    new NetworkDeletionBlocked(users.total(), blockersToAvro(users.first()));
            case NetworkEvent.Deleted() -> new NetworkDeleted();
        };
    }

    @Override
    public NetworkEvent payload(SpecificRecord payload) {
        return switch (payload) {
            case NetworkCreated created ->
                    new NetworkEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            peeringsFromAvro(created.getPeerings()));
            case NetworkUpdated updated ->
                    new NetworkEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            peeringsFromAvro(updated.getPeerings()));
            case NetworkIdAssigned assigned ->
                    new NetworkEvent.IdAssigned(assigned.getId(), assigned.getProviderID());
            case NetworkIdsExhausted exhausted ->
                    new NetworkEvent.IdsExhausted(exhausted.getMessage());
            case PeeringChanged changed ->
                    new NetworkEvent.PeeringChanged(
                            fromAvro(changed.getStatus()),
                            changed.getPeer() == null ? null : fromAvro(changed.getPeer()));
            case AddressOverlapsChanged changed ->
                    new NetworkEvent.OverlapChanged(
                            new ResourceKey(changed.getNamespace(), changed.getName()),
                            changed.getMessage());
            case NetworkDeletionRequested _ -> new NetworkEvent.DeletionRequested();
            case NetworkDeletionBlocked blocked ->
                    new NetworkEvent.DeletionBlocked(
                            new Users(blocked.getTotal(), blockersFromAvro(blocked.getBlockers())));
            case NetworkDeleted _ -> new NetworkEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    @Override
    public SpecificRecord state(Network network) {
        return switch (network) {
            case Network.Absent _ -> throw new IllegalArgumentException("absent");
            case Network.Present present ->
                    new dev.openkcm.networking.schemas.network.v1.Network(
                            CommonCodec.toAvro(present.meta()),
                            new NetworkSpec(
                                    peeringsToAvro(present.peerings()),
                                    present.incoming().stream().map(NetworkCodec::toAvro).toList(),
                                    present.providerId()),
                            new NetworkStatus(
                                    NetworkState.valueOf(present.state().name()),
                                    present.statuses().stream().map(NetworkCodec::toAvro).toList(),
                                    blockersToAvro(present.blockers()),
                                    CommonCodec.toAvro(present.conditions())));
        };
    }

    @Override
    public Network state(SpecificRecord state) {
        var avro = (dev.openkcm.networking.schemas.network.v1.Network) state;
        return new Network.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                peeringsFromAvro(avro.getSpec().getPeerings()),
                incomingFromAvro(avro.getSpec().getIncomingPeerings()),
                avro.getSpec().getProviderID(),
                Network.State.valueOf(avro.getStatus().getState().name()),
                avro.getStatus().getPeerings().stream().map(NetworkCodec::fromAvro).toList(),
                blockersFromAvro(avro.getStatus().getBlockers()),
                CommonCodec.fromAvro(avro.getStatus().getConditions()));
    }

    private static List<dev.openkcm.networking.schemas.network.v1.Peering> peeringsToAvro(
            List<Peering> peerings) {
        return peerings.stream()
                .map(p ->
                        new dev.openkcm.networking.schemas.network.v1.Peering(
                                p.name(),
                                new NetworkReference(p.namespace(), p.network()),
                                p.prefixes().stream().map(NetworkCodec::toAvro).toList()))
                .toList();
    }

    private static List<Peering> peeringsFromAvro(
            List<dev.openkcm.networking.schemas.network.v1.Peering> peerings) {
        return peerings.stream()
                .map(p ->
                        new Peering(
                                p.getName(),
                                p.getNetworkRef().getNamespace(),
                                p.getNetworkRef().getName(),
                                p.getPrefixes().stream().map(NetworkCodec::fromAvro).toList()))
                .toList();
    }

    private static PeeringPrefix toAvro(Peering.Prefix prefix) {
        String reference = prefix.prefixRef();
        return new PeeringPrefix(
                prefix.name(),
                prefix.cidr(),
                reference == null ? null : new LocalReference(reference));
    }

    private static Peering.Prefix fromAvro(PeeringPrefix avro) {
        @Nullable LocalReference reference = avro.getPrefixRef();
        return new Peering.Prefix(
                avro.getName(), avro.getPrefix(), reference == null ? null : reference.getName());
    }

    private static dev.openkcm.networking.schemas.network.v1.IncomingPeering toAvro(
            IncomingPeering peer) {
        return new dev.openkcm.networking.schemas.network.v1.IncomingPeering(
                peer.namespace(), peer.name(), peer.uid());
    }

    private static IncomingPeering fromAvro(
            dev.openkcm.networking.schemas.network.v1.IncomingPeering avro) {
        return new IncomingPeering(avro.getNamespace(), avro.getName(), avro.getUid());
    }

    private static List<IncomingPeering> incomingFromAvro(
            List<dev.openkcm.networking.schemas.network.v1.IncomingPeering> avro) {
        return avro.stream().map(NetworkCodec::fromAvro).toList();
    }

    private static dev.openkcm.networking.schemas.network.v1.PeeringStatus toAvro(
            PeeringStatus status) {
        return new dev.openkcm.networking.schemas.network.v1.PeeringStatus(
                status.name(),
                PeeringPhase.valueOf(status.phase().name()),
                PeeringState.valueOf(status.state().name()),
                status.reason(),
                status.message(),
                status.exported().stream()
                        .map(e -> new ExportedPrefix(e.name(), e.cidr()))
                        .toList(),
                status.overlap());
    }

    private static PeeringStatus fromAvro(
            dev.openkcm.networking.schemas.network.v1.PeeringStatus avro) {
        return new PeeringStatus(
                avro.getName(),
                PeeringStatus.Phase.valueOf(avro.getPhase().name()),
                PeeringStatus.State.valueOf(avro.getState().name()),
                avro.getReason(),
                avro.getMessage(),
                avro.getPrefixes().stream()
                        .map(e -> new PeeringStatus.Exported(e.getName(), e.getPrefix()))
                        .toList(),
                avro.getOverlap());
    }

    private static List<ObjectReference> blockersToAvro(List<Blocker> blockers) {
        return blockers.stream()
                .map(b -> new ObjectReference(b.kind(), b.name(), b.uid()))
                .toList();
    }

    private static List<Blocker> blockersFromAvro(List<ObjectReference> blockers) {
        return blockers.stream()
                .map(b -> new Blocker(b.getKind(), b.getName(), b.getUid()))
                .toList();
    }
}
