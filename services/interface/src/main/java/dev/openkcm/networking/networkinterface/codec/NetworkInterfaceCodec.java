package dev.openkcm.networking.networkinterface.codec;

import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.networkinterface.domain.AddressInUse;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.VirtualIpObserved;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent;
import dev.openkcm.networking.networkinterface.domain.InterfaceSpec;
import dev.openkcm.networking.networkinterface.domain.NatRange;
import dev.openkcm.networking.networkinterface.domain.NetworkFact;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressesAnswered;
import dev.openkcm.networking.schemas.networkinterface.v1.ApplyNetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.Attachment;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.MachineReference;
import dev.openkcm.networking.schemas.networkinterface.v1.NatRangeChanged;
import dev.openkcm.networking.schemas.networkinterface.v1.NatRangeObserved;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCommand;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCreated;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceDeleted;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceUpdated;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkinterface.v1.PrefixSource;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPAttached;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPAwaited;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPDetached;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPObserved;
import dev.openkcm.networking.schemas.networkinterface.v1.VirtualIPSource;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** NetworkInterfaces as Avro records and back. */
public final class NetworkInterfaceCodec
        implements ResourceCodec<NetworkInterface, InterfaceCommand, InterfaceEvent> {

    private static final Types TYPES =
            new Types(
                    NetworkInterfaceCommand.class,
                    ApplyNetworkInterface.class,
                    NetworkInterfaceEvent.class,
                    dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface.class,
                    NetworkInterfaceObservation.class);

    @Override
    public Types types() {
        return TYPES;
    }

    @Override
    public InterfaceCommand apply(SpecificRecord apply) {
        var avro = (ApplyNetworkInterface) apply;
        return new InterfaceCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                fromAvro(avro.getSpec()));
    }

    @Override
    public InterfaceCommand delete() {
        return new InterfaceCommand.Delete();
    }

    @Override
    public InterfaceCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case AddressesAnswered answered ->
                    new InterfaceCommand.AddressesAnswered(
                            NetworkFact.valueOf(answered.getNetwork().name()),
                            answered.getClaim(),
                            answered.getUid(),
                            conflictsFromAvro(answered.getConflicts()));
            case VirtualIPObserved observed ->
                    new InterfaceCommand.VirtualIpObserved(
                            observed.getName(),
                            observed.getIp(),
                            observed.getAttached(),
                            observed.getUid(),
                            waiting(observed));
            case NatRangeObserved observed ->
                    new InterfaceCommand.NatRangeObserved(
                            observed.getGateway(),
                            observed.getUid(),
                            fromAvro(observed.getRange()));
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    private static VirtualIpObserved.@Nullable Waiting waiting(VirtualIPObserved observed) {
        @Nullable String reason = observed.getReason();
        @Nullable String message = observed.getMessage();
        return reason == null
                ? null
                : new VirtualIpObserved.Waiting(reason, message == null ? "" : message);
    }

    private static @Nullable NatRange fromAvro(
            dev.openkcm.networking.schemas.networkinterface.v1.@Nullable NatRange range) {
        return range == null
                ? null
                : new NatRange(
                        range.getGateway(), range.getIp(), range.getPort(), range.getEndPort());
    }

    private static dev.openkcm.networking.schemas.networkinterface.v1.@Nullable NatRange toAvro(
            @Nullable NatRange range) {
        return range == null
                ? null
                : new dev.openkcm.networking.schemas.networkinterface.v1.NatRange(
                        range.gateway(), range.ip(), range.port(), range.endPort());
    }

    @Override
    public SpecificRecord payload(InterfaceEvent event) {
        return switch (event) {
            case InterfaceEvent.Created(var labels, var annotations, var spec) ->
                    new NetworkInterfaceCreated(labels, annotations, toAvro(spec));
            case InterfaceEvent.Updated(var labels, var annotations, var spec) ->
                    new NetworkInterfaceUpdated(labels, annotations, toAvro(spec));
            case InterfaceEvent.AddressesAnswered(var network, var claim, var conflicts) ->
                    answered(network, claim, null, conflicts);
            case InterfaceEvent.VirtualIpAttached(var name, var ip) ->
                    new VirtualIPAttached(name, ip);
            case InterfaceEvent.VirtualIpDetached(var name, var ip) ->
                    new VirtualIPDetached(name, ip);
            case InterfaceEvent.VirtualIpAwaited(var name, var reason, var message) ->
                    new VirtualIPAwaited(name, reason, message);
            case InterfaceEvent.NatRangeChanged(var gateway, var range) ->
                    new NatRangeChanged(gateway, toAvro(range));
            case InterfaceEvent.Deleted() -> new NetworkInterfaceDeleted();
        };
    }

    /** Also what the address book sends. */
    public static AddressesAnswered answered(
            NetworkFact network,
            long claim,
            @Nullable String claimant,
            List<AddressInUse> conflicts) {
        return new AddressesAnswered(
                dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact.valueOf(
                        network.name()),
                claim,
                claimant,
                conflicts.stream()
                        .map(c ->
                                new dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse(
                                        c.address(), c.holder(), c.held()))
                        .toList());
    }

    private static List<AddressInUse> conflictsFromAvro(
            List<dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse> conflicts) {
        return conflicts.stream()
                .map(c -> new AddressInUse(c.getAddress(), c.getHolder(), c.getHeld()))
                .toList();
    }

    @Override
    public InterfaceEvent payload(SpecificRecord payload) {
        return switch (payload) {
            case NetworkInterfaceCreated created ->
                    new InterfaceEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            fromAvro(created.getSpec()));
            case NetworkInterfaceUpdated updated ->
                    new InterfaceEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            fromAvro(updated.getSpec()));
            case AddressesAnswered answered ->
                    new InterfaceEvent.AddressesAnswered(
                            NetworkFact.valueOf(answered.getNetwork().name()),
                            answered.getClaim(),
                            conflictsFromAvro(answered.getConflicts()));
            case VirtualIPAttached attached ->
                    new InterfaceEvent.VirtualIpAttached(attached.getName(), attached.getIp());
            case VirtualIPDetached detached ->
                    new InterfaceEvent.VirtualIpDetached(detached.getName(), detached.getIp());
            case VirtualIPAwaited awaited ->
                    new InterfaceEvent.VirtualIpAwaited(
                            awaited.getName(), awaited.getReason(), awaited.getMessage());
            case NatRangeChanged changed ->
                    new InterfaceEvent.NatRangeChanged(
                            changed.getGateway(), fromAvro(changed.getRange()));
            case NetworkInterfaceDeleted _ -> new InterfaceEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    @Override
    public SpecificRecord state(NetworkInterface nic) {
        return switch (nic) {
            case NetworkInterface.Absent _ -> throw new IllegalArgumentException("absent");
            case NetworkInterface.Present present ->
                    new dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface(
                            CommonCodec.toAvro(present.meta()),
                            toAvro(present.spec()),
                            new NetworkInterfaceStatus(
                                    NetworkInterfaceState.valueOf(present.state().name()),
                                    present.since(),
                                    present.ips(),
                                    present.prefixes(),
                                    present.virtualIp().orElse(null),
                                    present.virtualIps(),
                                    present.natRanges().stream()
                                            .map(r ->
                                                    new dev.openkcm.networking.schemas
                                                            .networkinterface.v1.NatRange(
                                                            r.gateway(),
                                                            r.ip(),
                                                            r.port(),
                                                            r.endPort()))
                                            .toList(),
                                    CommonCodec.toAvro(present.conditions())));
        };
    }

    @Override
    public NetworkInterface state(SpecificRecord state) {
        var avro = (dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface) state;
        return new NetworkInterface.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                fromAvro(avro.getSpec()),
                NetworkInterface.State.valueOf(avro.getStatus().getState().name()),
                avro.getStatus().getLastStateTransitionTime(),
                avro.getStatus().getIps(),
                avro.getStatus().getPrefixes(),
                avro.getStatus().getVirtualIPs(),
                avro.getStatus().getNatIPs().stream()
                        .map(r ->
                                new NatRange(
                                        r.getGateway(), r.getIp(), r.getPort(), r.getEndPort()))
                        .toList(),
                CommonCodec.fromAvro(avro.getStatus().getConditions()));
    }

    /** What the other kinds in the Network are told. */
    public static NetworkMember member(NetworkInterface.Present nic) {
        return new NetworkMember(
                nic.meta().key().name(),
                nic.meta().uid().toString(),
                nic.meta().resourceVersion(),
                nic.meta().labels(),
                NetworkInterfaceState.valueOf(nic.state().name()),
                nic.ips(),
                nic.prefixes());
    }

    private static NetworkInterfaceSpec toAvro(InterfaceSpec spec) {
        var machine = spec.machine();
        var virtualIp = spec.virtualIp();
        return new NetworkInterfaceSpec(
                new LocalReference(spec.network()),
                spec.ipFamilies(),
                spec.ips().stream().map(IPSource::new).toList(),
                spec.prefixes().stream().map(PrefixSource::new).toList(),
                virtualIp == null ? null : new VirtualIPSource(reference(virtualIp.reference())),
                machine == null ? null : new MachineReference(machine.name(), machine.uid()),
                spec.node() == null ? null : new Attachment(new LocalReference(spec.node())),
                spec.attributes(),
                spec.providerId());
    }

    private static @Nullable LocalReference reference(@Nullable String name) {
        return name == null ? null : new LocalReference(name);
    }

    private static InterfaceSpec fromAvro(NetworkInterfaceSpec avro) {
        @Nullable MachineReference machine = avro.getMachineRef();
        @Nullable VirtualIPSource virtualIp = avro.getVirtualIP();
        @Nullable Attachment attachment = avro.getAttachment();
        return new InterfaceSpec(
                avro.getNetworkRef().getName(),
                avro.getIpFamilies(),
                avro.getIps().stream().map(IPSource::getValue).toList(),
                avro.getPrefixes().stream().map(PrefixSource::getValue).toList(),
                virtualIp == null ? null : fromAvro(virtualIp),
                machine == null
                        ? null
                        : new InterfaceSpec.Machine(machine.getName(), machine.getUid()),
                attachment == null ? null : attachment.getNodeRef().getName(),
                Meta.sorted(avro.getAttributes()),
                avro.getProviderID());
    }

    private static InterfaceSpec.VirtualIpSource fromAvro(VirtualIPSource avro) {
        @Nullable LocalReference reference = avro.getVirtualIPRef();
        return new InterfaceSpec.VirtualIpSource(reference == null ? null : reference.getName());
    }
}
