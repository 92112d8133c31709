package dev.openkcm.networking.cli.kind;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What is read from documents by their common shape. */
public final class Documents {
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private Documents() {}

    /**
     * The text at a JSON pointer; scalars of a list joined by commas, objects by their name, value
     * or address.
     */
    public static String text(JsonNode document, String pointer) {
        return words(document.at(pointer));
    }

    public static String name(JsonNode document) {
        return text(document, "/metadata/name");
    }

    public static String namespace(JsonNode document) {
        return text(document, "/metadata/namespace");
    }

    /** The reason of the first condition that does not hold. */
    public static String reason(JsonNode document) {
        for (JsonNode condition : document.at("/status/conditions")) {
            if (condition.path("status").asText().equals("False")) {
                return condition.path("reason").asText();
            }
        }
        return "";
    }

    /** Key and value pairs as {@code a=1,b=2}. */
    public static String pairs(JsonNode map) {
        List<String> pairs = new ArrayList<>();
        map.properties()
                .forEach(entry -> pairs.add(entry.getKey() + "=" + words(entry.getValue())));
        return String.join(",", pairs);
    }

    private static String words(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "";
        }
        if (node.isArray()) {
            List<String> words = new ArrayList<>();
            node.forEach(item -> words.add(words(item)));
            return String.join(",", words);
        }
        if (node.isObject()) {
            for (String field : List.of("name", "value", "ip")) {
                if (node.hasNonNull(field)) {
                    return node.get(field).asText();
                }
            }
            return node.toString();
        }
        // What others wrote must not steer the terminal of who reads it.
        return CONTROL.matcher(node.asText()).replaceAll(" ");
    }
}
