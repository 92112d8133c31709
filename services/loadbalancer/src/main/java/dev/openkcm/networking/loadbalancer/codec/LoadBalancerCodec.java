package dev.openkcm.networking.loadbalancer.codec;

import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.loadbalancer.domain.AwaitedVirtualIp;
import dev.openkcm.networking.loadbalancer.domain.Facts;
import dev.openkcm.networking.loadbalancer.domain.FrontEnd;
import dev.openkcm.networking.loadbalancer.domain.HeldAddress;
import dev.openkcm.networking.loadbalancer.domain.InterfaceSelector;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerSpec;
import dev.openkcm.networking.loadbalancer.domain.NetworkFact;
import dev.openkcm.networking.loadbalancer.domain.Port;
import dev.openkcm.networking.loadbalancer.domain.PublicAddress;
import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LabelSelectorRequirement;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.loadbalancer.v1.ApplyLoadBalancer;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.FrontEndIP;
import dev.openkcm.networking.schemas.loadbalancer.v1.InternalIP;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerCreated;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDeleted;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDeletionRequested;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerPort;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerState;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerStatus;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerUpdated;
import dev.openkcm.networking.schemas.loadbalancer.v1.NetworkAnswered;
import dev.openkcm.networking.schemas.loadbalancer.v1.PublicAddressChanged;
import dev.openkcm.networking.schemas.loadbalancer.v1.RoutingEnded;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPAttached;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPAwaited;
import dev.openkcm.networking.schemas.loadbalancer.v1.VirtualIPDetached;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** LoadBalancers as Avro records and back. */
public final class LoadBalancerCodec
        implements ResourceCodec<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> {

    private static final Types TYPES =
            new Types(
                    dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerCommand.class,
                    ApplyLoadBalancer.class,
                    dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerEvent.class,
                    dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer.class,
                    LoadBalancerObservation.class);

    @Override
    public Types types() {
        return TYPES;
    }

    @Override
    public LoadBalancerCommand apply(SpecificRecord apply) {
        var avro = (ApplyLoadBalancer) apply;
        return new LoadBalancerCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                fromAvro(avro.getSpec()));
    }

    @Override
    public LoadBalancerCommand delete() {
        return new LoadBalancerCommand.Delete();
    }

    @Override
    public LoadBalancerCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case VirtualIPAttached attached ->
                    new LoadBalancerCommand.VirtualIpObserved(
                            new FrontEnd(attached.getName(), attached.getIp()), true);
            case VirtualIPDetached detached ->
                    new LoadBalancerCommand.VirtualIpObserved(
                            new FrontEnd(detached.getName(), detached.getIp()), false);
            case VirtualIPAwaited awaited ->
                    new LoadBalancerCommand.VirtualIpAwaited(fromAvro(awaited));
            case RoutingEnded ended -> new LoadBalancerCommand.RoutingEnded(ended.getUid());
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    /** What the address book of the Network says of a claim. */
    public static LoadBalancerCommand answer(AddressAnswer answer) {
        return new LoadBalancerCommand.NetworkAnswered(
                answer.getUid(),
                NetworkFact.valueOf(answer.getNetwork().name()),
                answer.getClaim(),
                answer.getConflicts().stream()
                        .map(c -> new HeldAddress(c.getAddress(), c.getHolder(), c.getHeld()))
                        .toList());
    }

    @Override
    public SpecificRecord payload(LoadBalancerEvent event) {
        return switch (event) {
            case LoadBalancerEvent.Created(var labels, var annotations, var spec) ->
                    new LoadBalancerCreated(labels, annotations, toAvro(spec));
            case LoadBalancerEvent.Updated(var labels, var annotations, var spec) ->
                    new LoadBalancerUpdated(labels, annotations, toAvro(spec));
            case LoadBalancerEvent.NetworkAnswered(var network, var claim, var conflicts) ->
                    new NetworkAnswered(toAvro(network), claim, conflictsToAvro(conflicts));
            case LoadBalancerEvent.PublicAddressChanged(
                            var slot,
                            var ip,
                            var reason,
                            var message) ->
                    new PublicAddressChanged(slot, ip, reason, message);
            case LoadBalancerEvent.VirtualIpAttached(FrontEnd(var name, var ip)) ->
                    new VirtualIPAttached(name, ip);
            case LoadBalancerEvent.VirtualIpDetached(FrontEnd(var name, var ip)) ->
                    new VirtualIPDetached(name, ip);
            case LoadBalancerEvent.VirtualIpAwaited(var awaited) -> toAvro(awaited);
            case LoadBalancerEvent.DeletionRequested() -> new LoadBalancerDeletionRequested();
            case LoadBalancerEvent.Deleted() -> new LoadBalancerDeleted();
        };
    }

    @Override
    public LoadBalancerEvent payload(SpecificRecord payload) {
        return switch (payload) {
            case LoadBalancerCreated created ->
                    new LoadBalancerEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            fromAvro(created.getSpec()));
            case LoadBalancerUpdated updated ->
                    new LoadBalancerEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            fromAvro(updated.getSpec()));
            case NetworkAnswered answered ->
                    new LoadBalancerEvent.NetworkAnswered(
                            fromAvro(answered.getNetwork()),
                            answered.getClaim(),
                            conflictsFromAvro(answered.getConflicts()));
            case PublicAddressChanged changed ->
                    new LoadBalancerEvent.PublicAddressChanged(
                            changed.getSlot(),
                            changed.getAddress(),
                            changed.getReason(),
                            changed.getMessage());
            case VirtualIPAttached attached ->
                    new LoadBalancerEvent.VirtualIpAttached(
                            new FrontEnd(attached.getName(), attached.getIp()));
            case VirtualIPDetached detached ->
                    new LoadBalancerEvent.VirtualIpDetached(
                            new FrontEnd(detached.getName(), detached.getIp()));
            case VirtualIPAwaited awaited ->
                    new LoadBalancerEvent.VirtualIpAwaited(fromAvro(awaited));
            case LoadBalancerDeletionRequested _ -> new LoadBalancerEvent.DeletionRequested();
            case LoadBalancerDeleted _ -> new LoadBalancerEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    @Override
    public SpecificRecord state(LoadBalancer balancer) {
        return switch (balancer) {
            case LoadBalancer.Absent _ -> throw new IllegalArgumentException("absent");
            case LoadBalancer.Present present ->
                    new dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer(
                            CommonCodec.toAvro(present.meta()),
                            toAvro(present.spec()),
                            status(present));
        };
    }

    private static LoadBalancerStatus status(LoadBalancer.Present balancer) {
        var facts = balancer.facts();
        return new LoadBalancerStatus(
                LoadBalancerState.valueOf(balancer.state().name()),
                balancer.since(),
                balancer.ips(),
                toAvro(facts.network()),
                facts.claim(),
                conflictsToAvro(facts.conflicts()),
                facts.publicAddresses().stream().map(LoadBalancerCodec::toAvro).toList(),
                facts.frontEnds().stream().map(f -> new FrontEndIP(f.virtualIp(), f.ip())).toList(),
                facts.awaited().stream().map(LoadBalancerCodec::toAvro).toList(),
                CommonCodec.toAvro(balancer.conditions()));
    }

    @Override
    public LoadBalancer state(SpecificRecord state) {
        var avro = (dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer) state;
        var status = avro.getStatus();
        return new LoadBalancer.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                fromAvro(avro.getSpec()),
                new Facts(
                        fromAvro(status.getNetwork()),
                        status.getClaim(),
                        conflictsFromAvro(status.getConflicts()),
                        status.getPublicAddresses().stream()
                                .map(LoadBalancerCodec::fromAvro)
                                .toList(),
                        status.getVirtualIPs().stream()
                                .map(f -> new FrontEnd(f.getName(), f.getIp()))
                                .toList(),
                        status.getVirtualIPsAwaited().stream()
                                .map(LoadBalancerCodec::fromAvro)
                                .toList()),
                LoadBalancer.State.valueOf(status.getState().name()),
                status.getLastStateTransitionTime(),
                status.getIps(),
                CommonCodec.fromAvro(status.getConditions()));
    }

    /** What the routing needs of a balancer. */
    public static BalancerRow row(LoadBalancer.Present balancer) {
        return new BalancerRow(
                balancer.meta().key().name(),
                balancer.meta().uid().toString(),
                balancer.meta().resourceVersion(),
                balancer.spec().ipFamilies(),
                selector(balancer.spec().selector()),
                balancer.meta().deleting());
    }

    /** The selector of a published balancer, in one form; null when it has none. */
    public static dev.openkcm.networking.kernel.@Nullable LabelSelector requirements(
            @Nullable LabelSelector selector) {
        var read = selector(selector);
        return read == null ? null : read.requirements();
    }

    private static PublicAddress fromAvro(
            dev.openkcm.networking.schemas.loadbalancer.v1.PublicAddress avro) {
        return new PublicAddress(
                avro.getSlot(), avro.getClaim(), avro.getIp(), avro.getReason(), avro.getMessage());
    }

    private static dev.openkcm.networking.schemas.loadbalancer.v1.PublicAddress toAvro(
            PublicAddress address) {
        return new dev.openkcm.networking.schemas.loadbalancer.v1.PublicAddress(
                address.slot(), address.claim(), address.ip(), address.reason(), address.message());
    }

    private static AwaitedVirtualIp fromAvro(VirtualIPAwaited avro) {
        return new AwaitedVirtualIp(avro.getName(), avro.getReason(), avro.getMessage());
    }

    private static VirtualIPAwaited toAvro(AwaitedVirtualIp awaited) {
        return new VirtualIPAwaited(awaited.virtualIp(), awaited.reason(), awaited.message());
    }

    private static NetworkFact fromAvro(
            dev.openkcm.networking.schemas.loadbalancer.v1.NetworkFact avro) {
        return NetworkFact.valueOf(avro.name());
    }

    private static dev.openkcm.networking.schemas.loadbalancer.v1.NetworkFact toAvro(
            NetworkFact network) {
        return dev.openkcm.networking.schemas.loadbalancer.v1.NetworkFact.valueOf(network.name());
    }

    private static List<HeldAddress> conflictsFromAvro(
            List<dev.openkcm.networking.schemas.loadbalancer.v1.HeldAddress> conflicts) {
        return conflicts.stream()
                .map(c -> new HeldAddress(c.getAddress(), c.getHolder(), c.getHeld()))
                .toList();
    }

    private static List<dev.openkcm.networking.schemas.loadbalancer.v1.HeldAddress> conflictsToAvro(
            List<HeldAddress> conflicts) {
        return conflicts.stream()
                .map(c ->
                        new dev.openkcm.networking.schemas.loadbalancer.v1.HeldAddress(
                                c.address(), c.holder(), c.held()))
                .toList();
    }

    private static dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerSpec toAvro(
            LoadBalancerSpec spec) {
        return new dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerSpec(
                spec.type(),
                spec.ipFamilies(),
                spec.ips().stream().map(InternalIP::new).toList(),
                new LocalReference(spec.network()),
                selector(spec.selector()),
                spec.virtualIps().stream().map(LocalReference::new).toList(),
                spec.ports().stream()
                        .map(p -> new LoadBalancerPort(p.protocol(), p.port(), p.endPort()))
                        .toList());
    }

    private static LoadBalancerSpec fromAvro(
            dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerSpec avro) {
        return new LoadBalancerSpec(
                avro.getType(),
                avro.getIpFamilies(),
                avro.getIps().stream().map(InternalIP::getValue).toList(),
                avro.getNetworkRef().getName(),
                selector(avro.getNetworkInterfaceSelector()),
                avro.getVirtualIPRefs().stream().map(LocalReference::getName).toList(),
                avro.getPorts().stream()
                        .map(p -> new Port(p.getProtocol(), p.getPort(), p.getEndPort()))
                        .toList());
    }

    private static @Nullable LabelSelector selector(@Nullable InterfaceSelector selector) {
        return selector == null
                ? null
                : new LabelSelector(
                        selector.matchLabels(),
                        selector.matchExpressions().stream()
                                .map(e ->
                                        new LabelSelectorRequirement(
                                                e.key(), e.operator(), e.values()))
                                .toList());
    }

    private static @Nullable InterfaceSelector selector(@Nullable LabelSelector avro) {
        return avro == null
                ? null
                : new InterfaceSelector(
                        Meta.sorted(avro.getMatchLabels()),
                        avro.getMatchExpressions().stream()
                                .map(e ->
                                        new InterfaceSelector.Expression(
                                                e.getKey(), e.getOperator(), e.getValues()))
                                .toList());
    }
}
