package dev.openkcm.networking.vipnat.codec;

import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.natgateway.v1.ApplyNATGateway;
import dev.openkcm.networking.schemas.natgateway.v1.NATGateway;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressAssigned;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressAwaited;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressEmptied;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressReleased;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressReleasing;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressRequested;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressRetained;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressUse;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAwaitedIP;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayCommand;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayCreated;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayDeleted;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayDeletionRequested;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayIP;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayObservation;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayPortsWithdrawn;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayServiceChanged;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayServiceObserved;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewaySpec;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayState;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayStatus;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayUpdated;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewaySpec;
import dev.openkcm.networking.vipnat.domain.natgateway.NetworkFact;
import dev.openkcm.networking.vipnat.domain.natgateway.Service;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** NATGateways as Avro records and back. */
public final class NatGatewayCodec
        implements ResourceCodec<NatGateway, NatGatewayCommand, NatGatewayEvent> {

    private static final Types TYPES =
            new Types(
                    NATGatewayCommand.class,
                    ApplyNATGateway.class,
                    NATGatewayEvent.class,
                    NATGateway.class,
                    NATGatewayObservation.class);

    @Override
    public Types types() {
        return TYPES;
    }

    @Override
    public NatGatewayCommand apply(SpecificRecord apply) {
        var avro = (ApplyNATGateway) apply;
        return new NatGatewayCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                fromAvro(avro.getSpec()));
    }

    @Override
    public NatGatewayCommand delete() {
        return new NatGatewayCommand.Delete();
    }

    @Override
    public NatGatewayCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case NATGatewayServiceObserved o ->
                    new NatGatewayCommand.ServiceObserved(
                            o.getUid(),
                            new Service(
                                    NetworkFact.valueOf(o.getNetwork()),
                                    o.getUsed(),
                                    o.getRequested(),
                                    o.getResting(),
                                    o.getUnserved(),
                                    uses(o.getAddresses()),
                                    o.getPortsHash()));
            case NATGatewayAddressEmptied o ->
                    new NatGatewayCommand.AddressEmptied(o.getUid(), o.getName(), o.getSince());
            case NATGatewayPortsWithdrawn o -> new NatGatewayCommand.PortsWithdrawn(o.getUid());
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    /** What the port table sends. */
    public static NATGatewayServiceObserved observed(String uid, Service service) {
        return new NATGatewayServiceObserved(
                uid,
                service.network().name(),
                service.used(),
                service.requested(),
                service.resting(),
                service.unserved(),
                uses(service),
                service.portsHash());
    }

    private static List<NATGatewayAddressUse> uses(Service service) {
        return service.addresses().stream()
                .map(a -> new NATGatewayAddressUse(a.name(), a.used()))
                .toList();
    }

    private static List<Service.Use> uses(List<NATGatewayAddressUse> avro) {
        return avro.stream().map(a -> new Service.Use(a.getName(), a.getUsed())).toList();
    }

    @Override
    public SpecificRecord payload(NatGatewayEvent event) {
        return switch (event) {
            case NatGatewayEvent.Created(var labels, var annotations, var spec) ->
                    new NATGatewayCreated(labels, annotations, toAvro(spec));
            case NatGatewayEvent.Updated(var labels, var annotations, var spec) ->
                    new NATGatewayUpdated(labels, annotations, toAvro(spec));
            case NatGatewayEvent.AddressRequested(var name) -> new NATGatewayAddressRequested(name);
            case NatGatewayEvent.AddressAwaited(var name, var reason, var message) ->
                    new NATGatewayAddressAwaited(name, reason, message);
            case NatGatewayEvent.AddressAssigned(var name, var ip, var pool) ->
                    new NATGatewayAddressAssigned(name, ip, pool);
            case NatGatewayEvent.AddressReleasing(var name, var ip) ->
                    new NATGatewayAddressReleasing(name, ip);
            case NatGatewayEvent.AddressRetained(var name, var ip) ->
                    new NATGatewayAddressRetained(name, ip);
            case NatGatewayEvent.AddressReleased(var name, var ip) ->
                    new NATGatewayAddressReleased(name, ip);
            case NatGatewayEvent.ServiceChanged(var service) ->
                    new NATGatewayServiceChanged(
                            service.network().name(),
                            service.used(),
                            service.requested(),
                            service.resting(),
                            service.unserved(),
                            uses(service),
                            service.portsHash());
            case NatGatewayEvent.DeletionRequested() -> new NATGatewayDeletionRequested();
            case NatGatewayEvent.Deleted() -> new NATGatewayDeleted();
        };
    }

    @Override
    public NatGatewayEvent payload(SpecificRecord payload) {
        return switch (payload) {
            case NATGatewayCreated created ->
                    new NatGatewayEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            fromAvro(created.getSpec()));
            case NATGatewayUpdated updated ->
                    new NatGatewayEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            fromAvro(updated.getSpec()));
            case NATGatewayAddressRequested e -> new NatGatewayEvent.AddressRequested(e.getName());
            case NATGatewayAddressAwaited e ->
                    new NatGatewayEvent.AddressAwaited(e.getName(), e.getReason(), e.getMessage());
            case NATGatewayAddressAssigned e ->
                    new NatGatewayEvent.AddressAssigned(e.getName(), e.getIp(), e.getPool());
            case NATGatewayAddressReleasing e ->
                    new NatGatewayEvent.AddressReleasing(e.getName(), e.getIp());
            case NATGatewayAddressRetained e ->
                    new NatGatewayEvent.AddressRetained(e.getName(), e.getIp());
            case NATGatewayAddressReleased e ->
                    new NatGatewayEvent.AddressReleased(e.getName(), e.getIp());
            case NATGatewayServiceChanged e ->
                    new NatGatewayEvent.ServiceChanged(
                            new Service(
                                    NetworkFact.valueOf(e.getNetwork()),
                                    e.getUsed(),
                                    e.getRequested(),
                                    e.getResting(),
                                    e.getUnserved(),
                                    uses(e.getAddresses()),
                                    e.getPortsHash()));
            case NATGatewayDeletionRequested _ -> new NatGatewayEvent.DeletionRequested();
            case NATGatewayDeleted _ -> new NatGatewayEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    @Override
    public SpecificRecord state(NatGateway gateway) {
        return switch (gateway) {
            case NatGateway.Absent _ -> throw new IllegalArgumentException("absent");
            case NatGateway.Present present -> {
                var service = present.service();
                yield new NATGateway(
                        CommonCodec.toAvro(present.meta()),
                        toAvro(present.spec()),
                        new NATGatewayStatus(
                                NATGatewayState.valueOf(present.state().name()),
                                present.ips().stream()
                                        .map(ip ->
                                                new NATGatewayIP(
                                                        ip.name(),
                                                        ip.ip(),
                                                        ip.used(),
                                                        ip.releasingSince()))
                                        .toList(),
                                present.awaited().stream()
                                        .map(a -> new NATGatewayAwaitedIP(a.name(), a.since()))
                                        .toList(),
                                present.spec().slots(),
                                service.used(),
                                service.requested(),
                                service.resting(),
                                service.unserved(),
                                service.portsHash(),
                                service.network().name(),
                                CommonCodec.toAvro(present.conditions())));
            }
        };
    }

    @Override
    public NatGateway state(SpecificRecord state) {
        var avro = (NATGateway) state;
        var status = avro.getStatus();
        return new NatGateway.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                fromAvro(avro.getSpec()),
                status.getIps().stream()
                        .map(ip ->
                                new NatGateway.Ip(
                                        ip.getName(),
                                        ip.getIp(),
                                        ip.getUsed(),
                                        ip.getReleasingSince()))
                        .toList(),
                status.getAwaitedIPs().stream()
                        .map(a -> new NatGateway.Awaited(a.getName(), a.getSince()))
                        .toList(),
                new Service(
                        NetworkFact.valueOf(status.getNetwork()),
                        status.getUsed(),
                        status.getRequested(),
                        status.getResting(),
                        status.getUnserved(),
                        status.getIps().stream()
                                .map(ip -> new Service.Use(ip.getName(), ip.getUsed()))
                                .toList(),
                        status.getPortsHash()),
                CommonCodec.fromAvro(status.getConditions()));
    }

    private static NATGatewaySpec toAvro(NatGatewaySpec spec) {
        return new NATGatewaySpec(
                spec.type(),
                spec.ipFamily(),
                new LocalReference(spec.network()),
                spec.ports(),
                spec.minPublicIps(),
                spec.maxPublicIps());
    }

    private static NatGatewaySpec fromAvro(NATGatewaySpec avro) {
        return new NatGatewaySpec(
                avro.getType(),
                avro.getIpFamily(),
                avro.getNetworkRef().getName(),
                avro.getPortsPerNetworkInterface(),
                avro.getMinPublicIPs(),
                avro.getMaxPublicIPs());
    }
}
