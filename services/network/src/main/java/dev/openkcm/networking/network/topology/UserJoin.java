package dev.openkcm.networking.network.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.schemas.network.v1.NetworkObservation;
import dev.openkcm.networking.schemas.network.v1.UserObserved;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of resources that refer to a Network around: the Network learns who uses it.
 *
 * <p>States are read as they were written: all that matters is {@code metadata.uid} and {@code
 * spec.networkRef.name}, which every kind that uses a Network has.
 */
final class UserJoin
        extends ContextualProcessor<String, @Nullable GenericRecord, String, NetworkObservation> {

    private static final String PART = "users";

    /** The Network that a resource uses, by name, and the uid of the resource. */
    private record Use(String network, String uid) {

        /** Null when the state does not refer to a Network. */
        static @Nullable Use of(@Nullable GenericRecord state) {
            if (state != null
                    && state.get("metadata") instanceof GenericRecord metadata
                    && state.get("spec") instanceof GenericRecord spec
                    && spec.get("networkRef") instanceof GenericRecord reference) {
                return new Use("" + reference.get("name"), "" + metadata.get("uid"));
            }
            return null;
        }

        static @Nullable Use fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 2);
            return new Use(parts[0], parts[1]);
        }

        byte[] toBytes() {
            return (network + " " + uid).getBytes(StandardCharsets.UTF_8);
        }
    }

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        var rows = Part.of(context().getStateStore(NetworkTopology.OBSERVED), PART);
        String entity = Kind.entityOf(context().recordMetadata().orElseThrow().topic());
        String kind = NetworkTopology.USING_KINDS.getOrDefault(entity, entity);
        String row = kind + " " + record.key();
        var before = Use.fromBytes(rows.get(row));
        var now = Use.of(record.value());
        if (now == null) {
            rows.delete(row);
        } else if (!now.equals(before)) {
            rows.put(row, now.toBytes());
        }
        if (before != null && (now == null || !now.network.equals(before.network))) {
            tell(record, kind, before, false);
        }
        if (now != null && !now.equals(before)) {
            tell(record, kind, now, true);
        }
    }

    private void tell(
            Record<String, @Nullable GenericRecord> cause, String kind, Use use, boolean present) {
        var user = ResourceKey.parse(cause.key());
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        context()
                .forward(
                        new Record<>(
                                user.sibling(use.network).toString(),
                                new NetworkObservation(
                                        causedBy,
                                        new UserObserved(kind, user.name(), use.uid, present)),
                                cause.timestamp(),
                                cause.headers()));
    }
}
