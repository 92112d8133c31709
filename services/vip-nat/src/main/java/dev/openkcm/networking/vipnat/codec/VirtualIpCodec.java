package dev.openkcm.networking.vipnat.codec;

import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.schemas.common.v1.ObjectReference;
import dev.openkcm.networking.schemas.virtualip.v1.ApplyVirtualIP;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIP;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPAddressAssigned;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPAddressAwaited;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPClaimant;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPCommand;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPCreated;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPDeleted;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPEvent;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPNamed;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPObservation;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPSpec;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPState;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPStatus;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPTargetAssigned;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPTargetReleased;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPUpdated;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPWaitingChanged;
import dev.openkcm.networking.vipnat.domain.virtualip.Queue;
import dev.openkcm.networking.vipnat.domain.virtualip.Target;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpSpec;
import dev.openkcm.networking.vipnat.domain.virtualip.Waiting;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** VirtualIPs as Avro records and back. */
public final class VirtualIpCodec
        implements ResourceCodec<VirtualIp, VirtualIpCommand, VirtualIpEvent> {

    private static final Types TYPES =
            new Types(
                    VirtualIPCommand.class,
                    ApplyVirtualIP.class,
                    VirtualIPEvent.class,
                    VirtualIP.class,
                    VirtualIPObservation.class);

    @Override
    public Types types() {
        return TYPES;
    }

    /** Who names the VirtualIP is not the sender's to say; the surroundings complete it. */
    @Override
    public VirtualIpCommand apply(SpecificRecord apply) {
        var avro = (ApplyVirtualIP) apply;
        return new VirtualIpCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                fromAvro(avro.getSpec()),
                Queue.EMPTY);
    }

    @Override
    public VirtualIpCommand delete() {
        return new VirtualIpCommand.Delete();
    }

    @Override
    public VirtualIpCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case VirtualIPNamed named ->
                    new VirtualIpCommand.Named(
                            new Target(named.getKind(), named.getName(), named.getUid()),
                            named.getIpFamilies(),
                            named.getNamed());
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    @Override
    public SpecificRecord payload(VirtualIpEvent event) {
        return switch (event) {
            case VirtualIpEvent.Created(var labels, var annotations, var spec) ->
                    new VirtualIPCreated(labels, annotations, toAvro(spec));
            case VirtualIpEvent.Updated(var labels, var annotations, var spec) ->
                    new VirtualIPUpdated(labels, annotations, toAvro(spec));
            case VirtualIpEvent.AddressAssigned(var ip, var pool) ->
                    new VirtualIPAddressAssigned(ip, pool);
            case VirtualIpEvent.AddressAwaited(var reason, var message) ->
                    new VirtualIPAddressAwaited(reason, message);
            case VirtualIpEvent.TargetAssigned(var target) ->
                    new VirtualIPTargetAssigned(reference(target));
            case VirtualIpEvent.TargetReleased(var target) ->
                    new VirtualIPTargetReleased(reference(target));
            case VirtualIpEvent.WaitingChanged(var waiting) ->
                    new VirtualIPWaitingChanged(toAvro(waiting), waiting.total());
            case VirtualIpEvent.Deleted() -> new VirtualIPDeleted();
        };
    }

    @Override
    public VirtualIpEvent payload(SpecificRecord payload) {
        return switch (payload) {
            case VirtualIPCreated created ->
                    new VirtualIpEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            fromAvro(created.getSpec()));
            case VirtualIPUpdated updated ->
                    new VirtualIpEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            fromAvro(updated.getSpec()));
            case VirtualIPAddressAssigned assigned ->
                    new VirtualIpEvent.AddressAssigned(assigned.getIp(), assigned.getPool());
            case VirtualIPAddressAwaited awaited ->
                    new VirtualIpEvent.AddressAwaited(awaited.getReason(), awaited.getMessage());
            case VirtualIPTargetAssigned assigned ->
                    new VirtualIpEvent.TargetAssigned(target(assigned.getTarget()));
            case VirtualIPTargetReleased released ->
                    new VirtualIpEvent.TargetReleased(target(released.getTarget()));
            case VirtualIPWaitingChanged changed ->
                    new VirtualIpEvent.WaitingChanged(
                            fromAvro(changed.getWaiting(), changed.getWaitingTotal()));
            case VirtualIPDeleted _ -> new VirtualIpEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    @Override
    public SpecificRecord state(VirtualIp virtualIp) {
        return switch (virtualIp) {
            case VirtualIp.Absent _ -> throw new IllegalArgumentException("absent");
            case VirtualIp.Present present ->
                    new VirtualIP(
                            CommonCodec.toAvro(present.meta()),
                            toAvro(present.spec()),
                            new VirtualIPStatus(
                                    VirtualIPState.valueOf(present.state().name()),
                                    present.ip(),
                                    present.pool(),
                                    present.target() == null ? null : reference(present.target()),
                                    toAvro(present.waiting()),
                                    present.waiting().total(),
                                    CommonCodec.toAvro(present.conditions())));
        };
    }

    @Override
    public VirtualIp state(SpecificRecord state) {
        var avro = (VirtualIP) state;
        @Nullable ObjectReference target = avro.getStatus().getTargetRef();
        return new VirtualIp.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                fromAvro(avro.getSpec()),
                avro.getStatus().getIp(),
                avro.getStatus().getPool(),
                target == null ? null : target(target),
                fromAvro(avro.getStatus().getWaiting(), avro.getStatus().getWaitingTotal()),
                CommonCodec.fromAvro(avro.getStatus().getConditions()));
    }

    private static VirtualIPSpec toAvro(VirtualIpSpec spec) {
        return new VirtualIPSpec(spec.type(), spec.ipFamily());
    }

    private static VirtualIpSpec fromAvro(VirtualIPSpec avro) {
        return new VirtualIpSpec(avro.getType(), avro.getIpFamily());
    }

    private static ObjectReference reference(Target target) {
        return new ObjectReference(target.kind(), target.name(), target.uid());
    }

    private static Target target(ObjectReference avro) {
        return new Target(avro.getKind(), avro.getName(), avro.getUid());
    }

    private static List<VirtualIPClaimant> toAvro(Waiting waiting) {
        return waiting.first().stream()
                .map(c ->
                        new VirtualIPClaimant(
                                c.who().kind(), c.who().name(), c.who().uid(), c.reason()))
                .toList();
    }

    private static Waiting fromAvro(List<VirtualIPClaimant> first, int total) {
        return new Waiting(
                first.stream()
                        .map(c ->
                                new Waiting.Claimant(
                                        new Target(c.getKind(), c.getName(), c.getUid()),
                                        c.getReason()))
                        .toList(),
                total);
    }
}
