package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import java.util.List;
import java.util.UUID;

/** The parts that all kinds' documents have, as Avro records and back. */
public final class CommonCodec {

    private CommonCodec() {}

    public static ObjectMeta toAvro(Meta meta) {
        return new ObjectMeta(
                meta.key().namespace(),
                meta.key().name(),
                meta.uid().toString(),
                meta.generation(),
                meta.resourceVersion(),
                meta.createdAt(),
                meta.deletedAt(),
                meta.labels(),
                meta.annotations());
    }

    public static Meta fromAvro(ObjectMeta avro) {
        return new Meta(
                new ResourceKey(avro.getNamespace(), avro.getName()),
                UUID.fromString(avro.getUid()),
                avro.getGeneration(),
                avro.getResourceVersion(),
                avro.getCreationTimestamp(),
                avro.getDeletionTimestamp(),
                Meta.sorted(avro.getLabels()),
                Meta.sorted(avro.getAnnotations()));
    }

    public static List<dev.openkcm.networking.schemas.common.v1.Condition> toAvro(
            List<Condition> conditions) {
        return conditions.stream()
                .map(c ->
                        new dev.openkcm.networking.schemas.common.v1.Condition(
                                c.type(),
                                c.status().name(),
                                c.reason(),
                                c.message(),
                                c.observedGeneration(),
                                c.lastTransitionTime()))
                .toList();
    }

    public static List<Condition> fromAvro(
            List<dev.openkcm.networking.schemas.common.v1.Condition> conditions) {
        return conditions.stream()
                .map(c ->
                        new Condition(
                                c.getType(),
                                Condition.Status.valueOf(c.getStatus()),
                                c.getReason(),
                                c.getMessage(),
                                c.getObservedGeneration(),
                                c.getLastTransitionTime()))
                .toList();
    }
}
