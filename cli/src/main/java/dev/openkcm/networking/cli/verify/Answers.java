package dev.openkcm.networking.cli.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.apache.avro.generic.GenericRecord;

/** The commands of one kind and their answers. */
final class Answers {
    private static final int MAX_ID = 200;
    private static final int REMEMBERED = 64;
    private static final int REMEMBERED_BYTES = 64 << 10;

    private record Id(String key, String id) {}

    /**
     * An answer.
     *
     * @param number how many answers its resource had before
     * @param bytes how long those were, all together
     */
    private record Answer(
            String outcome,
            String uid,
            long version,
            boolean dryRun,
            String place,
            long number,
            long bytes) {

        boolean sameAs(Answer other) {
            return outcome.equals(other.outcome)
                    && uid.equals(other.uid)
                    && version == other.version
                    && dryRun == other.dryRun;
        }
    }

    private final String kind;
    private final Map<Id, List<String>> commands = new HashMap<>();
    private final Map<Id, List<Answer>> answers = new HashMap<>();
    private final Map<String, long[]> perKey = new HashMap<>();
    private final Set<String> withoutKey = new HashSet<>();
    private final Set<String> deadLetters = new HashSet<>();

    Answers(String kind) {
        this.kind = kind;
    }

    void command(LogRecord record) {
        if (record.key() == null) {
            withoutKey.add(record.origin());
            return;
        }
        commands.computeIfAbsent(new Id(record.key(), id(record)), _ -> new ArrayList<>())
                .add(record.place());
    }

    /** By the rules of the contract: the field, else the header, else where it was written. */
    static String id(LogRecord record) {
        String header = record.headers().get("ce_id");
        if (header != null && !valid(header)) {
            return record.origin();
        }
        GenericRecord value = record.value();
        Object field = value == null ? null : Values.at(value, "commandId");
        if (field != null && valid(field.toString())) {
            return field.toString();
        }
        return header == null ? record.origin() : header;
    }

    private static boolean valid(String id) {
        return !id.isEmpty() && id.length() <= MAX_ID;
    }

    void answer(LogRecord record) {
        GenericRecord result = record.value();
        if (result == null || record.key() == null) {
            return;
        }
        long[] sofar = perKey.computeIfAbsent(record.key(), _ -> new long[2]);
        answers.computeIfAbsent(
                        new Id(record.key(), Values.text(result, "commandId")),
                        _ -> new ArrayList<>())
                .add(
                        new Answer(
                                Values.text(result, "outcome"),
                                Values.text(result, "uid"),
                                Values.number(result, "resourceVersion"),
                                Values.flag(result, "dryRun"),
                                record.place(),
                                sofar[0],
                                sofar[1]));
        sofar[0]++;
        sofar[1] += record.bytes();
    }

    /** What was set aside is set aside once, under the place where it was written. */
    void deadLetter(LogRecord record, Tally once) {
        if (!record.headers().containsKey("openkcm-dead-letter-offset")) {
            once.expect(
                    false, kind + ": a dead letter that does not tell its origin", record.place());
            return;
        }
        String origin =
                "%s-%s-%s"
                        .formatted(
                                record.headers().get("openkcm-dead-letter-topic"),
                                record.headers().get("openkcm-dead-letter-partition"),
                                record.headers().get("openkcm-dead-letter-offset"));
        once.expect(
                deadLetters.add(origin),
                "%s: the record at %s is a dead letter twice".formatted(kind, origin),
                origin,
                record.place());
    }

    /** Every command is answered as often as it was sent, always in the same way. */
    void checkAnswered(Tally tally) {
        commands.forEach((id, sent) -> {
            List<Answer> given = answers.getOrDefault(id, List.of());
            tally.expect(
                    given.size() == sent.size(),
                    "%s %s: command %s was sent %d times and answered %d times"
                            .formatted(kind, id.key(), id.id(), sent.size(), given.size()),
                    places(sent, given));
        });
        for (String origin : withoutKey) {
            tally.expect(
                    deadLetters.contains(origin),
                    "%s: the command at %s has no readable key and is no dead letter"
                            .formatted(kind, origin),
                    origin);
        }
    }

    void checkSameAnswer(Tally tally) {
        answers.forEach((id, given) -> {
            for (int i = 1; i < given.size(); i++) {
                Answer one = given.get(i - 1);
                Answer next = given.get(i);
                boolean remembered =
                        next.number() - one.number() < REMEMBERED
                                && next.bytes() - one.bytes() < REMEMBERED_BYTES;
                tally.expect(
                        one.dryRun() || !remembered || one.sameAs(next),
                        "%s %s: command %s was answered %s, then %s"
                                .formatted(kind, id.key(), id.id(), one.outcome(), next.outcome()),
                        one.place(),
                        next.place());
            }
        });
    }

    /** An accepted command had the effect that its answer tells and no other; any other none. */
    void checkEffects(Iterable<Life> lives, Tally tally) {
        Map<Id, List<String>> told = new HashMap<>();
        Map<Id, List<String>> happened = new HashMap<>();
        Map<Id, List<String>> places = new HashMap<>();
        answers.forEach((id, given) -> {
            for (Answer answer : given) {
                if (answer.outcome().equals("Accepted") && !answer.dryRun()) {
                    add(told, id, answer.uid() + "/" + answer.version());
                }
                add(places, id, answer.place());
            }
        });
        for (Life life : lives) {
            life.effects()
                    .forEach((cause, effects) -> {
                        Id id = new Id(life.key(), cause);
                        for (Life.Effect effect : effects) {
                            if (answers.containsKey(id) || commands.containsKey(id)) {
                                add(happened, id, life.uid() + "/" + effect.last());
                                add(places, id, effect.place());
                            }
                        }
                    });
        }
        for (Id id : places.keySet()) {
            Set<String> wanted = new TreeSet<>(told.getOrDefault(id, List.of()));
            List<String> effects = happened.getOrDefault(id, List.of());
            tally.expect(
                    wanted.equals(new TreeSet<>(effects)),
                    "%s %s: command %s was told to have made %s, but made %s"
                            .formatted(kind, id.key(), id.id(), wanted, effects),
                    places.getOrDefault(id, List.of()).toArray(String[]::new));
        }
    }

    /** The ids of all commands of this kind that were answered, with whom they were for. */
    void commandIds(BiConsumer<String, String> consumer) {
        answers.keySet().forEach(id -> consumer.accept(id.id(), id.key()));
    }

    private static void add(Map<Id, List<String>> lists, Id id, String item) {
        lists.computeIfAbsent(id, _ -> new ArrayList<>(1)).add(item);
    }

    private static String[] places(List<String> sent, List<Answer> given) {
        List<String> all = new ArrayList<>(sent);
        given.forEach(answer -> all.add(answer.place()));
        return all.toArray(String[]::new);
    }
}
