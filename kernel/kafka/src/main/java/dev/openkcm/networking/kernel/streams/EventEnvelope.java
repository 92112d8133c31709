package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.ResourceKey;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The fields that the events of all kinds have, around what happened. */
final class EventEnvelope {

    private static final Map<Class<? extends SpecificRecord>, EventEnvelope> KNOWN =
            new ConcurrentHashMap<>();

    private final Class<? extends SpecificRecord> type;
    private final Schema schema;
    private final int namespace;
    private final int name;
    private final int uid;
    private final int sequence;
    private final int time;
    private final int causedBy;
    private final int actor;
    private final int event;

    private EventEnvelope(Class<? extends SpecificRecord> type) {
        this.type = type;
        this.schema = new SpecificData(type.getClassLoader()).getSchema(type);
        this.namespace = position("namespace");
        this.name = position("name");
        this.uid = position("uid");
        this.sequence = position("sequence");
        this.time = position("time");
        this.causedBy = position("causedBy");
        this.actor = position("actor");
        this.event = position("event");
    }

    static EventEnvelope of(Class<? extends SpecificRecord> type) {
        return KNOWN.computeIfAbsent(type, EventEnvelope::new);
    }

    private int position(String field) {
        return schema.getField(field).pos();
    }

    SpecificRecord around(Event<?> happened, SpecificRecord payload) {
        var envelope = (SpecificRecord) SpecificData.newInstance(type, schema);
        envelope.put(namespace, happened.key().namespace());
        envelope.put(name, happened.key().name());
        envelope.put(uid, happened.uid().toString());
        envelope.put(sequence, happened.sequence());
        envelope.put(time, happened.time());
        envelope.put(causedBy, happened.causedBy());
        envelope.put(actor, happened.actor());
        envelope.put(event, payload);
        return envelope;
    }

    <E> Event<E> open(SpecificRecord envelope, Function<SpecificRecord, E> payload) {
        return new Event<>(
                new ResourceKey((String) envelope.get(namespace), (String) envelope.get(name)),
                UUID.fromString((String) envelope.get(uid)),
                (Long) envelope.get(sequence),
                (Instant) envelope.get(time),
                (String) envelope.get(causedBy),
                (@Nullable String) envelope.get(actor),
                payload.apply((SpecificRecord) envelope.get(event)));
    }
}
