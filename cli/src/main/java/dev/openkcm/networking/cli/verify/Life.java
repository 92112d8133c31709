package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** One resource from its creation on: what its events say it must look like. */
final class Life {

    /** The sequences of the events that a command or an observation caused. */
    record Effect(long first, long last, String place) {}

    private final String key;
    private final String uid;
    private final String kind;
    private final List<Fold> folds = new ArrayList<>();
    private final Map<String, List<Effect>> effects = new HashMap<>();
    private long sequence;
    private long generation;
    private boolean deletionRequested;
    private boolean gone;
    private @Nullable GenericRecord written;
    private String lastPlace = "";

    Life(String kind, String key, String uid, List<Supplier<Fold>> folds) {
        this.kind = kind;
        this.key = key;
        this.uid = uid;
        folds.forEach(fold -> this.folds.add(fold.get()));
    }

    String key() {
        return key;
    }

    String uid() {
        return uid;
    }

    long sequence() {
        return sequence;
    }

    boolean gone() {
        return gone;
    }

    List<Fold> folds() {
        return folds;
    }

    String lastPlace() {
        return lastPlace;
    }

    Map<String, List<Effect>> effects() {
        return effects;
    }

    /** Takes the next event, and says what is wrong with it. */
    void happened(LogRecord record, GenericRecord envelope, Tally sequences) {
        long next = Values.number(envelope, "sequence");
        String type = type(envelope);
        sequences.expect(
                next == sequence + 1,
                "%s %s (uid %s): event %d %s follows event %d"
                        .formatted(kind, key, uid, next, type, sequence),
                lastPlace,
                record.place());
        sequences.expect(
                !gone,
                "%s %s (uid %s): %s after its end".formatted(kind, key, uid, type),
                record.place());
        sequences.expect(
                (sequence == 0) == type.equals(kind + "Created"),
                "%s %s (uid %s): event %d is %s".formatted(kind, key, uid, next, type),
                record.place());
        cause(record, envelope, next);
        sequence = next;
        lastPlace = record.place();
        var data = (GenericRecord) Objects.requireNonNull(envelope.get("event"));
        if (type.equals(kind + "Created") || type.equals(kind + "Updated")) {
            if (written == null || !sameSpec(written, data)) {
                generation++;
            }
            written = data;
        }
        deletionRequested |= type.endsWith("DeletionRequested");
        gone |= type.equals(kind + "Deleted");
        folds.forEach(fold -> fold.happened(type, data));
    }

    /** Several events of one decision follow upon each other; anything else is another effect. */
    private void cause(LogRecord record, GenericRecord envelope, long next) {
        List<Effect> known =
                effects.computeIfAbsent(Values.text(envelope, "causedBy"), _ -> new ArrayList<>(1));
        if (!known.isEmpty() && known.getLast().last() + 1 == next) {
            Effect before = known.removeLast();
            known.add(new Effect(before.first(), next, before.place()));
        } else {
            known.add(new Effect(next, next, record.place()));
        }
    }

    static String type(GenericRecord envelope) {
        return envelope.get("event") instanceof GenericRecord data
                ? data.getSchema().getName()
                : "";
    }

    private static boolean sameSpec(GenericRecord before, GenericRecord after) {
        return spec(before).equals(spec(after));
    }

    /** The spec that an event carries: as one field, or as fields of its own. */
    private static Map<String, Object> spec(GenericRecord written) {
        Map<String, Object> spec = new TreeMap<>();
        var whole =
                written.getSchema().getField("spec") != null
                                && written.get("spec") instanceof GenericRecord record
                        ? record
                        : written;
        for (var field : whole.getSchema().getFields()) {
            Object value = whole.get(field.pos());
            if (!field.name().equals("labels")
                    && !field.name().equals("annotations")
                    && value != null) {
                spec.put(field.name(), Json.node(value).toString());
            }
        }
        return spec;
    }

    /** How the published state differs from what the events say; empty when it does not. */
    List<String> differences(GenericRecord state) {
        List<String> found = new ArrayList<>();
        same(found, "metadata.uid", uid, Values.text(state, "metadata.uid"));
        same(
                found,
                "metadata.resourceVersion",
                String.valueOf(sequence),
                String.valueOf(Values.number(state, "metadata.resourceVersion")));
        same(
                found,
                "metadata.generation",
                String.valueOf(generation),
                String.valueOf(Values.number(state, "metadata.generation")));
        same(
                found,
                "metadata.deletionTimestamp",
                deletionRequested ? "set" : "absent",
                Values.at(state, "metadata.deletionTimestamp") == null ? "absent" : "set");
        if (written != null) {
            same(
                    found,
                    "metadata.labels",
                    Values.map(written, "labels").toString(),
                    Values.map(state, "metadata.labels").toString());
            same(
                    found,
                    "metadata.annotations",
                    Values.map(written, "annotations").toString(),
                    Values.map(state, "metadata.annotations").toString());
            for (var field : spec(written).entrySet()) {
                Object published = Values.at(state, "spec." + field.getKey());
                same(
                        found,
                        "spec." + field.getKey(),
                        String.valueOf(field.getValue()),
                        published == null ? "absent" : Json.node(published).toString());
            }
        }
        folds.forEach(fold -> found.addAll(fold.differences(state)));
        return found;
    }

    static void same(List<String> found, String what, String expected, String published) {
        if (!expected.equals(published)) {
            found.add("%s is %s, the events say %s".formatted(what, published, expected));
        }
    }
}
