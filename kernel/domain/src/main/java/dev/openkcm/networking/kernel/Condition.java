package dev.openkcm.networking.kernel;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** One aspect of a state, with the reason for it, in the form of Kubernetes conditions. */
public record Condition(
        String type,
        Status status,
        String reason,
        String message,
        long observedGeneration,
        Instant lastTransitionTime) {

    /** Whether the aspect holds. */
    public enum Status {
        True,
        False,
        Unknown
    }

    public static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /**
     * The list with this condition in it, sorted by type. The transition time of an earlier
     * condition of the type is kept unless the status changed.
     */
    public static List<Condition> with(List<Condition> conditions, Condition changed) {
        var byType = new TreeMap<String, Condition>();
        conditions.forEach(c -> byType.put(c.type(), c));
        var before = byType.get(changed.type());
        byType.put(
                changed.type(),
                before != null && before.status() == changed.status()
                        ? changed.since(before.lastTransitionTime())
                        : changed);
        return List.copyOf(byType.values());
    }

    private Condition since(Instant transition) {
        return new Condition(type, status, reason, message, observedGeneration, transition);
    }

    /** The list without conditions of this type. */
    public static List<Condition> without(List<Condition> conditions, String type) {
        return conditions.stream().filter(c -> !c.type().equals(type)).toList();
    }
}
