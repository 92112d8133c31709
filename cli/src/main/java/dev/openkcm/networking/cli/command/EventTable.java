package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.output.Ages;
import dev.openkcm.networking.cli.output.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The history of a resource as a table. */
final class EventTable {
    private static final int LONGEST_SUMMARY = 100;
    private static final int SHOWN_OF_AN_ID = 12;

    private EventTable() {}

    static Table of(JsonNode events, Instant now) {
        Table table = new Table(List.of("sequence", "age", "type", "caused-by", "data"));
        for (JsonNode event : events.path("items")) {
            String cause = event.path("causedBy").asText();
            table.add(
                    List.of(
                            event.path("sequence").asText(),
                            Ages.since(event.path("time").asText(), now),
                            event.path("type").asText(),
                            cause.length() > SHOWN_OF_AN_ID
                                    ? cause.substring(0, SHOWN_OF_AN_ID)
                                    : cause,
                            data(event)));
        }
        return table;
    }

    /** An event in one line. */
    static String summary(JsonNode event) {
        return event.path("type").asText() + " " + data(event);
    }

    private static String data(JsonNode event) {
        List<String> fields = new ArrayList<>();
        event.path("data")
                .properties()
                .forEach(field -> fields.add(field.getKey() + "=" + brief(field.getValue())));
        String all = String.join(" ", fields);
        return all.length() > LONGEST_SUMMARY ? all.substring(0, LONGEST_SUMMARY) + "…" : all;
    }

    /** A value as one reads it aloud, without the punctuation that only programs need. */
    private static String brief(JsonNode value) {
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(EventTable::brief)
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        if (value.isObject()) {
            return value.properties().stream()
                    .map(field -> field.getKey() + ":" + brief(field.getValue()))
                    .collect(Collectors.joining(" ", "{", "}"));
        }
        return value.asText();
    }
}
