package dev.openkcm.networking.cli.verify;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Everything that the log tells of one kind. */
final class History {

    /** Is shown every event, after it was folded, in the order of its partition. */
    interface EventRule {
        void happened(LogRecord record, Life life, String type, GenericRecord data);
    }

    private final VerifiedKind kind;
    private final Answers answers;
    private final Map<String, Life> lives = new LinkedHashMap<>();
    private final Map<String, Life> latest = new HashMap<>();
    private final Map<String, LogRecord> states = new HashMap<>();
    private final Set<Schema> schemas = new LinkedHashSet<>();
    private final Tally sequences;
    private final Tally readable;
    private final Tally setAside;
    private final Collection<EventRule> rules;

    History(
            VerifiedKind kind,
            Tally sequences,
            Tally readable,
            Tally setAside,
            Collection<EventRule> rules) {
        this.kind = kind;
        this.answers = new Answers(kind.kind().name());
        this.sequences = sequences;
        this.readable = readable;
        this.setAside = setAside;
        this.rules = rules;
    }

    VerifiedKind kind() {
        return kind;
    }

    Answers answers() {
        return answers;
    }

    /** By uid, in the order in which they began. */
    Collection<Life> lives() {
        return lives.values();
    }

    /** The latest resource of each key. */
    Map<String, Life> latest() {
        return latest;
    }

    /** The latest record of the state topic of each key, tombstones too. */
    Map<String, LogRecord> states() {
        return states;
    }

    /** By which states were written: one of each release that has written any. */
    Set<Schema> schemas() {
        return schemas;
    }

    /** The published state of a resource; null when there is none. */
    @Nullable GenericRecord state(String key) {
        LogRecord record = states.get(key);
        return record == null ? null : record.value();
    }

    void take(LogRecord record) {
        String topic = record.topic();
        if (topic.equals(kind.topic("commands"))) {
            answers.command(record);
        } else if (topic.equals(kind.topic("dead-letters"))) {
            answers.deadLetter(record, setAside);
        } else if (readable(record)) {
            if (topic.equals(kind.topic("results"))) {
                answers.answer(record);
            } else if (topic.equals(kind.topic("state"))) {
                states.put(String.valueOf(record.key()), record);
                if (record.value() != null) {
                    schemas.add(record.value().getSchema());
                }
            } else if (topic.equals(kind.topic("events")) && record.value() != null) {
                event(record, record.value());
            }
        }
    }

    /** What only the owner writes must be readable, and only states may be tombstones. */
    private boolean readable(LogRecord record) {
        int slashes = kind.kind().namespaced() ? 1 : 0;
        // An answer has the key of its command, whatever that is.
        boolean keyed =
                record.topic().equals(kind.topic("results"))
                        ? record.key() != null
                        : record.keyed(slashes, slashes);
        boolean fine =
                keyed
                        && record.unreadable() == null
                        && (record.value() != null || record.topic().equals(kind.topic("state")));
        readable.expect(
                fine,
                "%s: a record that its owner can't have written: %s"
                        .formatted(
                                record.topic(),
                                record.unreadable() == null
                                        ? "no key of its own, or no value"
                                        : record.unreadable()),
                record.place());
        return fine;
    }

    private void event(LogRecord record, GenericRecord envelope) {
        String key = String.valueOf(record.key());
        String uid = Values.text(envelope, "uid");
        Life life =
                lives.computeIfAbsent(
                        uid, _ -> new Life(kind.kind().name(), key, uid, kind.folds()));
        Life before = latest.put(key, life);
        sequences.expect(
                before == null || before == life || before.gone(),
                "%s %s: uid %s begins before the end of uid %s"
                        .formatted(
                                kind.kind().name(), key, uid, before == null ? "" : before.uid()),
                before == null ? "" : before.lastPlace(),
                record.place());
        life.happened(record, envelope, sequences);
        if (envelope.get("event") instanceof GenericRecord data) {
            rules.forEach(rule -> rule.happened(record, life, Life.type(envelope), data));
        }
    }

    /** Compares what is published with what the events say. */
    void checkStates(Tally tally) {
        String name = kind.kind().name();
        latest.forEach((key, life) -> {
            LogRecord record = states.get(key);
            GenericRecord state = record == null ? null : record.value();
            String place = record == null ? "no record" : record.place();
            if (life.gone()) {
                tally.expect(
                        record != null && record.tombstone(),
                        "%s %s is gone, and its state is not".formatted(name, key),
                        place,
                        life.lastPlace());
            } else if (state == null) {
                tally.expect(
                        false,
                        "%s %s exists, and has no state".formatted(name, key),
                        place,
                        life.lastPlace());
            } else {
                var differences = life.differences(state);
                tally.expect(
                        differences.isEmpty(),
                        "%s %s: %s".formatted(name, key, String.join("; ", differences)),
                        place,
                        life.lastPlace());
            }
        });
        states.forEach((key, record) ->
                tally.expect(
                        record.tombstone() || latest.containsKey(key),
                        "%s %s has a state, and nothing ever happened to it".formatted(name, key),
                        record.place()));
    }
}
