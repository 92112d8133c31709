package dev.openkcm.networking.cli.verify;

import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Kubernetes label selectors, evaluated one label after the other. */
final class Selectors {
    private Selectors() {}

    /** Whether the labels match; an absent selector matches nothing, an empty one everything. */
    static boolean matches(@Nullable GenericRecord selector, Map<String, String> labels) {
        if (selector == null) {
            return false;
        }
        for (var wanted : Values.map(selector, "matchLabels").entrySet()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return false;
            }
        }
        return Values.records(selector, "matchExpressions").stream()
                .allMatch(expression -> holds(expression, labels));
    }

    private static boolean holds(GenericRecord expression, Map<String, String> labels) {
        String value = labels.get(Values.text(expression, "key"));
        List<String> values = Values.texts(expression, "values");
        return switch (Values.text(expression, "operator")) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default ->
                    throw new IllegalArgumentException(
                            "unknown operator " + Values.text(expression, "operator"));
        };
    }
}
