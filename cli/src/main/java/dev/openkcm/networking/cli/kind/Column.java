package dev.openkcm.networking.cli.kind;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.function.BiFunction;

/** A column of a kind's table: its header and what it says of a document at a moment. */
public record Column(String header, boolean wideOnly, BiFunction<JsonNode, Instant, String> cell) {

    static Column of(String header, BiFunction<JsonNode, Instant, String> cell) {
        return new Column(header, false, cell);
    }

    /** A column that holds what the document says at a JSON pointer. */
    static Column at(String header, String pointer) {
        return of(header, (document, _) -> Documents.text(document, pointer));
    }

    Column wide() {
        return new Column(header, true, cell);
    }
}
