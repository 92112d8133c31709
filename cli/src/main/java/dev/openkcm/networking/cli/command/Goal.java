package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.kind.Documents;
import java.util.Locale;
import java.util.Optional;

/** What a person waits for. */
sealed interface Goal {

    boolean reached(Optional<JsonNode> document);

    /** That it is gone. */
    record Gone() implements Goal {
        @Override
        public boolean reached(Optional<JsonNode> document) {
            return document.isEmpty();
        }
    }

    /** That a field has a value; any value but nothing, when none is named. */
    record Field(String pointer, String value) implements Goal {
        @Override
        public boolean reached(Optional<JsonNode> document) {
            String found = document.map(one -> Documents.text(one, pointer)).orElse("");
            return value.isEmpty() ? !found.isEmpty() : found.equals(value);
        }
    }

    /**
     * That a condition has a status; a state of the same name is as good as a condition that is
     * True.
     */
    record Condition(String type, String status) implements Goal {
        @Override
        public boolean reached(Optional<JsonNode> document) {
            if (document.isEmpty()) {
                return false;
            }
            for (JsonNode condition : document.get().at("/status/conditions")) {
                if (condition.path("type").asText().equalsIgnoreCase(type)) {
                    return condition.path("status").asText().equalsIgnoreCase(status);
                }
            }
            boolean inState =
                    Documents.text(document.get(), "/status/state").equalsIgnoreCase(type);
            return inState == status.equalsIgnoreCase("true");
        }
    }

    /**
     * Understands {@code delete}, {@code condition=X[=False]}, {@code state=X} and {@code
     * status.field=X}.
     */
    static Goal parse(String text) {
        if (text.equals("delete")) {
            return new Gone();
        }
        int equals = text.indexOf('=');
        String left = equals < 0 ? text : text.substring(0, equals);
        String right = equals < 0 ? "" : text.substring(equals + 1);
        return switch (left.toLowerCase(Locale.ROOT)) {
            case "condition" -> condition(right);
            case "state" -> new Field("/status/state", right);
            case "jsonpath" -> parse(right.replaceAll("^['\"]?\\{?\\.?|\\}|['\"]", ""));
            default -> {
                if (!left.matches("[A-Za-z][A-Za-z0-9.]*\\.[A-Za-z0-9.]+")) {
                    throw new Failure(
                            text
                                    + " is nothing to wait for: try condition=Available, state=Available,"
                                    + " status.state=Available or delete.");
                }
                yield new Field("/" + left.replace('.', '/'), right);
            }
        };
    }

    private static Condition condition(String text) {
        int equals = text.indexOf('=');
        return equals < 0
                ? new Condition(text, "True")
                : new Condition(text.substring(0, equals), text.substring(equals + 1));
    }
}
