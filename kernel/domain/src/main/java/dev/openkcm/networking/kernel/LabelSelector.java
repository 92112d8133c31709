package dev.openkcm.networking.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Requirements on labels, all of which must hold; without any, everything matches. */
public record LabelSelector(List<Requirement> requirements) {

    private static final Pattern SET =
            Pattern.compile("\\s*(\\S+?)\\s+(in|notin)\\s*\\(([^()]*)\\)\\s*");

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /** How a requirement looks at a label. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }

    /**
     * One requirement on one label.
     *
     * @param values for {@code In} and {@code NotIn}; empty otherwise
     */
    public record Requirement(String key, Operator operator, SortedSet<String> values) {

        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case In -> value != null && values.contains(value);
                case NotIn -> value == null || !values.contains(value);
                case Exists -> value != null;
                case DoesNotExist -> value == null;
            };
        }
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(r -> r.matches(labels));
    }

    /**
     * Reads the notation of query parameters: {@code app=web,tier!=db,env in (a,b),x notin
     * (c),key,!key}.
     */
    public static Optional<LabelSelector> parse(String text) {
        var requirements = new ArrayList<Requirement>();
        if (text.isBlank()) {
            return Optional.of(new LabelSelector(requirements));
        }
        for (String part : text.split(",(?![^()]*\\))", -1)) {
            var requirement = requirement(part.strip());
            if (requirement.isEmpty()) {
                return Optional.empty();
            }
            requirements.add(requirement.get());
        }
        return Optional.of(new LabelSelector(requirements));
    }

    private static Optional<Requirement> requirement(String text) {
        var set = SET.matcher(text);
        if (set.matches()) {
            var operator = set.group(2).equals("in") ? Operator.In : Operator.NotIn;
            var values = new TreeSet<String>();
            for (String value : set.group(3).split(",", -1)) {
                values.add(value.strip());
            }
            return valid(set.group(1), operator, values);
        }
        int unequal = text.indexOf("!=");
        if (unequal > 0) {
            return valid(
                    text.substring(0, unequal).strip(),
                    Operator.NotIn,
                    one(text.substring(unequal + 2)));
        }
        int equal = text.indexOf('=');
        if (equal > 0) {
            int value = text.startsWith("==", equal) ? equal + 2 : equal + 1;
            return valid(text.substring(0, equal).strip(), Operator.In, one(text.substring(value)));
        }
        return text.startsWith("!")
                ? valid(text.substring(1).strip(), Operator.DoesNotExist, new TreeSet<>())
                : valid(text, Operator.Exists, new TreeSet<>());
    }

    private static TreeSet<String> one(String value) {
        return new TreeSet<>(List.of(value.strip()));
    }

    private static Optional<Requirement> valid(
            String key, Operator operator, SortedSet<String> values) {
        var check = new Validation();
        check.labelKey("key", key);
        values.forEach(value -> check.labelValue("value", value));
        return check.failed()
                ? Optional.empty()
                : Optional.of(new Requirement(key, operator, values));
    }
}
