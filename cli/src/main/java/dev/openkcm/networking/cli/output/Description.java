package dev.openkcm.networking.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.kind.Documents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One document at length, in sections for a person to read. */
public final class Description {
    private static final int LABEL_WIDTH = 14;

    private final Console console;
    private final Instant now;

    public Description(Console console, Instant now) {
        this.console = console;
        this.now = now;
    }

    public void print(JsonNode document) {
        JsonNode metadata = document.path("metadata");
        field("Name", metadata.path("name").asText());
        if (metadata.hasNonNull("namespace")) {
            field("Namespace", metadata.path("namespace").asText());
        }
        field("Kind", document.path("kind").asText());
        pairs("Labels", metadata.path("labels"));
        pairs("Annotations", metadata.path("annotations"));
        field("UID", metadata.path("uid").asText());
        String created = metadata.path("creationTimestamp").asText();
        field("Created", created + " (" + Ages.since(created, now) + " ago)");
        if (metadata.hasNonNull("deletionTimestamp")) {
            String deleted = metadata.path("deletionTimestamp").asText();
            field("Deleting", "since " + deleted + " (" + Ages.since(deleted, now) + ")");
        }
        field("Generation", metadata.path("generation").asText());
        section("Spec", document.path("spec"));
        section("Status", withoutConditions(document.path("status")));
        conditions(document.at("/status/conditions"));
    }

    private void field(String label, String value) {
        console.data(
                label
                        + ":"
                        + " ".repeat(Math.max(1, LABEL_WIDTH - label.length() - 1))
                        + (value.isEmpty() ? "<none>" : value));
    }

    private void pairs(String label, JsonNode map) {
        List<String> lines = new ArrayList<>();
        map.properties()
                .forEach(entry ->
                        lines.add(entry.getKey() + "=" + Documents.text(entry.getValue(), "")));
        field(label, lines.isEmpty() ? "" : lines.getFirst());
        lines.stream().skip(1).forEach(line -> console.data(" ".repeat(LABEL_WIDTH) + line));
    }

    private void section(String title, JsonNode content) {
        if (content.isMissingNode() || content.isEmpty()) {
            field(title, "");
            return;
        }
        console.data(title + ":");
        DocumentWriter.yaml(content).lines().forEach(line -> console.data("  " + coloured(line)));
    }

    private String coloured(String line) {
        for (String key : List.of("state: ", "phase: ")) {
            int at = line.indexOf(key);
            if (at >= 0 && line.substring(0, at).replace("-", "").isBlank()) {
                int end = at + key.length();
                return line.substring(0, end) + console.palette().state(line.substring(end));
            }
        }
        return line;
    }

    private void conditions(JsonNode conditions) {
        if (conditions.isEmpty()) {
            return;
        }
        Table table = new Table(List.of("type", "status", "reason", "age", "message"));
        for (JsonNode condition : conditions) {
            table.add(
                    List.of(
                            Documents.text(condition, "/type"),
                            Documents.text(condition, "/status"),
                            Documents.text(condition, "/reason"),
                            Ages.since(Documents.text(condition, "/lastTransitionTime"), now),
                            Documents.text(condition, "/message")));
        }
        console.data("Conditions:");
        table.lines(console.palette()).forEach(line -> console.data("  " + line));
    }

    private static JsonNode withoutConditions(JsonNode status) {
        if (!(status instanceof ObjectNode object)) {
            return status;
        }
        ObjectNode rest = object.deepCopy();
        rest.remove("conditions");
        return rest;
    }
}
