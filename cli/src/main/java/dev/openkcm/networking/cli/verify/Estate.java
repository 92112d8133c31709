package dev.openkcm.networking.cli.verify;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** All that the public topics tell, up to a moment. */
final class Estate {
    static final String GRANTS = "openkcm.address-pool.grants.v1";
    static final String ROUTING = "openkcm.load-balancer.routing.v1";
    static final String PORTS = "openkcm.nat-gateway.ports.v1";
    static final String PORT_EVENTS = "openkcm.nat-gateway.port-events.v1";
    static final String RULES = "openkcm.network-policy.rules.v1";
    static final String GROUPS = "openkcm.network-policy.groups.v1";
    static final List<String> ROWS = List.of(GRANTS, ROUTING, PORTS, PORT_EVENTS, RULES, GROUPS);

    /** At least as long, since topics are not told otherwise. */
    private static final Duration TOMBSTONES_STAY = Duration.ofHours(24);

    private final Map<String, History> byTopic = new HashMap<>();
    private final Map<String, History> byName = new LinkedHashMap<>();
    private final Map<String, Map<String, LogRecord>> rows = new HashMap<>();
    private final Tally readable;
    private final Instant forgotten;

    /**
     * An estate of which nothing is known yet.
     *
     * @param now when the log is read
     */
    Estate(List<History> histories, Tally readable, Instant now) {
        this.readable = readable;
        this.forgotten = now.minus(TOMBSTONES_STAY);
        for (History history : histories) {
            byName.put(history.kind().kind().name(), history);
            for (String what : List.of("commands", "results", "events", "state", "dead-letters")) {
                byTopic.put(history.kind().topic(what), history);
            }
        }
        ROWS.forEach(topic -> rows.put(topic, new HashMap<>()));
    }

    /** The topics that are read; not all of them need exist. */
    Iterable<String> topics() {
        var all = new java.util.TreeSet<>(byTopic.keySet());
        all.addAll(rows.keySet());
        return all;
    }

    void take(LogRecord record) {
        History history = byTopic.get(record.topic());
        if (history != null) {
            history.take(record);
            return;
        }
        Map<String, LogRecord> table = rows.get(record.topic());
        if (table != null) {
            boolean keyed = record.keyed(1, 4);
            boolean fine = keyed && record.unreadable() == null;
            readable.expect(
                    fine,
                    "%s: a record that its owner can't have written: %s"
                            .formatted(
                                    record.topic(),
                                    keyed ? record.unreadable() : "no key of its own"),
                    record.place());
            if (fine) {
                table.put(String.valueOf(record.key()), record);
            }
        }
    }

    Iterable<History> histories() {
        return byName.values();
    }

    History history(String kind) {
        return java.util.Objects.requireNonNull(byName.get(kind), kind);
    }

    /**
     * Nothing happened to a resource because of a command for another. Senders choose the ids of
     * their commands; one that looks like an event's tells nothing.
     */
    void checkIsolation(Tally tally) {
        Map<String, Set<String>> meant = new HashMap<>();
        Set<String> uids = new HashSet<>();
        for (History history : histories()) {
            String kind = history.kind().kind().name();
            history.answers()
                    .commandIds((id, key) ->
                            meant.computeIfAbsent(id, _ -> new HashSet<>(2)).add(kind + " " + key));
            history.lives().forEach(life -> uids.add(life.uid()));
        }
        for (History history : histories()) {
            for (Life life : history.lives()) {
                String resource = history.kind().kind().name() + " " + life.key();
                life.effects()
                        .forEach((cause, effects) -> {
                            Set<String> others = meant.getOrDefault(cause, Set.of());
                            int slash = cause.indexOf('/');
                            boolean event = slash > 0 && uids.contains(cause.substring(0, slash));
                            tally.expect(
                                    others.isEmpty() || event || others.contains(resource),
                                    "%s was changed by command %s, which was for %s"
                                            .formatted(
                                                    resource, cause, String.join(" and ", others)),
                                    effects.getFirst().place());
                        });
            }
        }
    }

    /** The published state of a resource; null when there is none. */
    @Nullable GenericRecord state(String kind, String key) {
        return history(kind).state(key);
    }

    /** Every resource of a kind as published. */
    void states(String kind, BiConsumer<LogRecord, GenericRecord> consumer) {
        history(kind)
                .states()
                .values()
                .forEach(record -> {
                    if (record.value() != null) {
                        consumer.accept(record, record.value());
                    }
                });
    }

    /** Every row of a published table. */
    void rows(String topic, BiConsumer<LogRecord, GenericRecord> consumer) {
        all(
                topic,
                record -> {
                    if (record.value() != null) {
                        consumer.accept(record, record.value());
                    }
                });
    }

    /** The last record of every key of a published table, tombstones too. */
    void all(String topic, Consumer<LogRecord> consumer) {
        rows.getOrDefault(topic, Map.of()).values().forEach(consumer);
    }

    /** Whether there may have been a tombstone after a record that compaction has removed. */
    boolean mayBeFollowedByForgotten(LogRecord record) {
        return record.time().isBefore(forgotten);
    }

    static String key(GenericRecord state) {
        String namespace = Values.text(state, "metadata.namespace");
        String name = Values.text(state, "metadata.name");
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
