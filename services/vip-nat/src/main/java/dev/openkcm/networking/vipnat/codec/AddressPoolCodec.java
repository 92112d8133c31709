package dev.openkcm.networking.vipnat.codec;

import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.streams.CommonCodec;
import dev.openkcm.networking.kernel.streams.ResourceCodec;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolConflict;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolCreated;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolDeleted;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolDeletionRequested;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolObservation;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolRange;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolState;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolStatus;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolUpdated;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolUtilisationChanged;
import dev.openkcm.networking.schemas.addresspool.v1.AddressPoolUtilisationObserved;
import dev.openkcm.networking.schemas.addresspool.v1.ApplyAddressPool;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolSpec;
import dev.openkcm.networking.vipnat.domain.addresspool.Utilisation;
import java.math.BigInteger;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** AddressPools as Avro records and back. */
public final class AddressPoolCodec
        implements ResourceCodec<AddressPool, AddressPoolCommand, AddressPoolEvent> {

    private static final Types TYPES =
            new Types(
                    dev.openkcm.networking.schemas.addresspool.v1.AddressPoolCommand.class,
                    ApplyAddressPool.class,
                    dev.openkcm.networking.schemas.addresspool.v1.AddressPoolEvent.class,
                    dev.openkcm.networking.schemas.addresspool.v1.AddressPool.class,
                    AddressPoolObservation.class);

    @Override
    public Types types() {
        return TYPES;
    }

    @Override
    public AddressPoolCommand apply(SpecificRecord apply) {
        var avro = (ApplyAddressPool) apply;
        return new AddressPoolCommand.Apply(
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()),
                fromAvro(avro.getSpec()));
    }

    @Override
    public AddressPoolCommand delete() {
        return new AddressPoolCommand.Delete();
    }

    @Override
    public AddressPoolCommand observation(SpecificRecord observation) {
        return switch (observation) {
            case AddressPoolUtilisationObserved o ->
                    new AddressPoolCommand.UtilisationObserved(
                            o.getUid(),
                            o.getDeleting(),
                            utilisation(
                                    o.getTotal(),
                                    o.getAllocated(),
                                    o.getQuarantined(),
                                    o.getFree(),
                                    o.getDraining(),
                                    o.getConflicts(),
                                    o.getWaiting()));
            default -> throw new IllegalArgumentException("unknown: " + observation.getSchema());
        };
    }

    /** What the allocator sends. */
    public static AddressPoolUtilisationObserved observed(
            String uid, boolean deleting, Utilisation use) {
        return new AddressPoolUtilisationObserved(
                uid,
                deleting,
                use.total().toString(),
                use.allocated(),
                use.quarantined(),
                use.free().toString(),
                draining(use),
                conflicts(use),
                use.waiting());
    }

    @Override
    public SpecificRecord payload(AddressPoolEvent event) {
        return switch (event) {
            case AddressPoolEvent.Created(var labels, var annotations, var spec) ->
                    new AddressPoolCreated(labels, annotations, toAvro(spec));
            case AddressPoolEvent.Updated(var labels, var annotations, var spec) ->
                    new AddressPoolUpdated(labels, annotations, toAvro(spec));
            case AddressPoolEvent.UtilisationChanged(var use) ->
                    new AddressPoolUtilisationChanged(
                            use.total().toString(),
                            use.allocated(),
                            use.quarantined(),
                            use.free().toString(),
                            draining(use),
                            conflicts(use),
                            use.waiting());
            case AddressPoolEvent.DeletionRequested() -> new AddressPoolDeletionRequested();
            case AddressPoolEvent.Deleted() -> new AddressPoolDeleted();
        };
    }

    @Override
    public AddressPoolEvent payload(SpecificRecord payload) {
        return switch (payload) {
            case AddressPoolCreated created ->
                    new AddressPoolEvent.Created(
                            Meta.sorted(created.getLabels()),
                            Meta.sorted(created.getAnnotations()),
                            fromAvro(created.getSpec()));
            case AddressPoolUpdated updated ->
                    new AddressPoolEvent.Updated(
                            Meta.sorted(updated.getLabels()),
                            Meta.sorted(updated.getAnnotations()),
                            fromAvro(updated.getSpec()));
            case AddressPoolUtilisationChanged c ->
                    new AddressPoolEvent.UtilisationChanged(
                            utilisation(
                                    c.getTotal(),
                                    c.getAllocated(),
                                    c.getQuarantined(),
                                    c.getFree(),
                                    c.getDraining(),
                                    c.getConflicts(),
                                    c.getWaiting()));
            case AddressPoolDeletionRequested _ -> new AddressPoolEvent.DeletionRequested();
            case AddressPoolDeleted _ -> new AddressPoolEvent.Deleted();
            default -> throw new IllegalArgumentException("unknown: " + payload.getClass());
        };
    }

    @Override
    public SpecificRecord state(AddressPool pool) {
        return switch (pool) {
            case AddressPool.Absent _ -> throw new IllegalArgumentException("absent");
            case AddressPool.Present present -> {
                var use = present.utilisation();
                yield new dev.openkcm.networking.schemas.addresspool.v1.AddressPool(
                        CommonCodec.toAvro(present.meta()),
                        toAvro(present.spec()),
                        new AddressPoolStatus(
                                AddressPoolState.valueOf(present.state().name()),
                                use.total().toString(),
                                use.allocated(),
                                use.quarantined(),
                                use.free().toString(),
                                draining(use),
                                conflicts(use),
                                use.waiting(),
                                CommonCodec.toAvro(present.conditions())));
            }
        };
    }

    @Override
    public AddressPool state(SpecificRecord state) {
        var avro = (dev.openkcm.networking.schemas.addresspool.v1.AddressPool) state;
        var status = avro.getStatus();
        return new AddressPool.Present(
                CommonCodec.fromAvro(avro.getMetadata()),
                fromAvro(avro.getSpec()),
                utilisation(
                        status.getTotal(),
                        status.getAllocated(),
                        status.getQuarantined(),
                        status.getFree(),
                        status.getDraining(),
                        status.getConflicts(),
                        status.getWaiting()),
                CommonCodec.fromAvro(status.getConditions()));
    }

    private static dev.openkcm.networking.schemas.addresspool.v1.AddressPoolSpec toAvro(
            AddressPoolSpec spec) {
        return new dev.openkcm.networking.schemas.addresspool.v1.AddressPoolSpec(
                spec.cidrs(), spec.ipFamily());
    }

    private static AddressPoolSpec fromAvro(
            dev.openkcm.networking.schemas.addresspool.v1.AddressPoolSpec avro) {
        return new AddressPoolSpec(avro.getCidrs(), avro.getIpFamily());
    }

    private static List<AddressPoolRange> draining(Utilisation use) {
        return use.draining().stream()
                .map(d -> new AddressPoolRange(d.cidr(), d.allocated(), d.quarantined()))
                .toList();
    }

    private static List<AddressPoolConflict> conflicts(Utilisation use) {
        return use.conflicts().stream()
                .map(c -> new AddressPoolConflict(c.cidr(), c.pool(), c.other()))
                .toList();
    }

    private static Utilisation utilisation(
            String total,
            long allocated,
            long quarantined,
            String free,
            List<AddressPoolRange> draining,
            List<AddressPoolConflict> conflicts,
            long waiting) {
        return new Utilisation(
                new BigInteger(total),
                allocated,
                quarantined,
                new BigInteger(free),
                draining.stream()
                        .map(d ->
                                new Utilisation.Draining(
                                        d.getCidr(), d.getAllocated(), d.getQuarantined()))
                        .toList(),
                conflicts.stream()
                        .map(c -> new Utilisation.Conflict(c.getCidr(), c.getPool(), c.getOther()))
                        .toList(),
                waiting);
    }
}
