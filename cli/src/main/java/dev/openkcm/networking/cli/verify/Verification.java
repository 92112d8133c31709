package dev.openkcm.networking.cli.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.kind.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;

/** Takes records as they come, and tells at any moment what does not follow from them. */
public final class Verification {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API_VERSION = "networking.OpenKCM.dev/v1alpha1";

    /** The ids that Networks may have. */
    public record IdRange(int first, int last) {
        public static final IdRange STANDARD = new IdRange(200, 16_777_215);
    }

    /** What one instance answers when it is asked for all resources of a kind. */
    public record Shown(Kind kind, String instance, List<JsonNode> documents) {
        public Shown {
            documents = List.copyOf(documents);
        }
    }

    private final Tally readable = Tally.lasting("records are what their owner writes");
    private final Tally sequences = Tally.lasting("events 1, 2, 3 … without gaps");
    private final Tally setAside = Tally.lasting("what was set aside is a dead letter once");
    private final Tally networkIds = Tally.lasting("network ids unique, at every moment");
    private final Tally addresses = Tally.lasting("addresses held once, at every moment");
    private final Estate estate;

    public Verification(IdRange ids) {
        this(ids, Instant.now());
    }

    /** As of a time that decides which tombstones can have been forgotten. */
    Verification(IdRange ids, Instant now) {
        List<History> histories = new ArrayList<>();
        for (VerifiedKind kind : VerifiedKind.ALL) {
            List<History.EventRule> rules =
                    switch (kind.kind().name()) {
                        case "Network" ->
                                List.of(new NetworkIds(networkIds, ids.first(), ids.last()));
                        case "NetworkInterface" -> List.of(new AddressesInOrder(addresses));
                        default -> List.of();
                    };
            histories.add(new History(kind, sequences, readable, setAside, rules));
        }
        this.estate = new Estate(histories, readable, now);
    }

    /** The topics to be read from the beginning. */
    public Iterable<String> topics() {
        return estate.topics();
    }

    public void take(LogRecord record) {
        estate.take(record);
    }

    /** The kinds of which there is any resource, or was. */
    public List<Kind> kinds() {
        List<Kind> kinds = new ArrayList<>();
        for (History history : estate.histories()) {
            if (!history.states().isEmpty() || !history.lives().isEmpty()) {
                kinds.add(history.kind().kind());
            }
        }
        return kinds;
    }

    /** All checks, over everything taken so far. */
    public List<Tally> report(List<Shown> shown) {
        List<Tally> report = new ArrayList<>(List.of(readable, sequences));
        Tally answered = add(report, "every command answered, and answered once");
        Tally same = Tally.lasting("a retry gets the same answer");
        report.add(same);
        Tally effects = add(report, "events follow from answers, answers from events");
        for (History history : estate.histories()) {
            history.answers().checkAnswered(answered);
            history.answers().checkSameAnswer(same);
            history.answers().checkEffects(history.lives(), effects);
        }
        estate.checkIsolation(add(report, "a command changes its own resource, no other"));
        report.add(setAside);
        report.add(networkIds);
        report.add(addresses);
        for (History history : estate.histories()) {
            String kind = history.kind().kind().name();
            history.checkStates(add(report, "state of " + kind + " = fold of its events"));
        }
        rules().forEach((name, rule) -> rule.check(estate, add(report, name)));
        for (Shown one : shown) {
            rest(
                    one,
                    add(
                            report,
                            "REST of %s at %s = state"
                                    .formatted(one.kind().plural(), one.instance())));
        }
        return report.stream().filter(tally -> tally.checked() > 0).toList();
    }

    private static Tally add(List<Tally> report, String name) {
        Tally tally = Tally.settling(name);
        report.add(tally);
        return tally;
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("network ids unique", NetworkRules::ids);
        rules.put("peerings bound on both sides or on neither", NetworkRules::peerings);
        rules.put("deletions wait for real users", NetworkRules::blockers);
        rules.put("addresses held once, waited for with reason", InterfaceRules::addresses);
        rules.put("interface states follow from networks", InterfaceRules::states);
        rules.put("virtual IPs and their targets agree", InterfaceRules::virtualIps);
        rules.put("public addresses: one holder, and it shows them", AddressPoolRules::grants);
        rules.put("port ranges disjoint, within 1024..65535", AddressPoolRules::ports);
        rules.put("ports = fold of their events", AddressPoolRules::portEvents);
        rules.put("destinations = selectors evaluated over all", RoutingRules::destinations);
        rules.put("rules and groups = policies and selectors, read anew", PolicyRules::compiled);
        return rules;
    }

    private void rest(Shown shown, Tally tally) {
        Map<String, LogRecord> records = new TreeMap<>();
        estate.states(
                shown.kind().name(), (record, state) -> records.put(Estate.key(state), record));
        Map<String, JsonNode> found = new TreeMap<>();
        for (JsonNode document : shown.documents()) {
            String namespace = document.at("/metadata/namespace").asText("");
            String name = document.at("/metadata/name").asText("");
            found.put(namespace.isEmpty() ? name : namespace + "/" + name, document);
        }
        tally.expect(
                found.size() == shown.documents().size(),
                "%s shows a resource twice".formatted(shown.instance()));
        var all = new TreeSet<>(records.keySet());
        all.addAll(found.keySet());
        for (String key : all) {
            LogRecord record = records.get(key);
            GenericRecord state = record == null ? null : record.value();
            JsonNode wanted = state == null ? null : document(shown.kind(), Json.document(state));
            JsonNode document = found.get(key);
            tally.expect(
                    state != null
                            && document != null
                            && (document.equals(wanted) || readsAs(document, shown.kind(), state)),
                    "%s %s at %s: %s"
                            .formatted(
                                    shown.kind().name(),
                                    key,
                                    shown.instance(),
                                    document == null
                                            ? "is not shown"
                                            : wanted == null
                                                    ? "is shown, and does not exist"
                                                    : "shows "
                                                            + document
                                                            + ", the state is "
                                                            + wanted),
                    record == null ? "no record" : record.place());
        }
    }

    /** As another release that has written states of the kind shows it. */
    private boolean readsAs(JsonNode document, Kind kind, GenericRecord state) {
        return estate.history(kind.name()).schemas().stream()
                .filter(schema -> !schema.equals(state.getSchema()))
                .flatMap(schema -> Json.document(state, schema).stream())
                .anyMatch(known -> document.equals(document(kind, known)));
    }

    private static JsonNode document(Kind kind, ObjectNode state) {
        ObjectNode document = JSON.createObjectNode();
        document.put("apiVersion", API_VERSION);
        document.put("kind", kind.name());
        document.setAll(state);
        return parsed(document.toString());
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
