package dev.openkcm.networking.vipnat.domain;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Event;
import java.util.List;

/** What a condition says, apart from when. */
public record Finding(Condition.Status status, String reason, String message) {

    public static Finding holds(String reason) {
        return new Finding(Condition.Status.True, reason, "");
    }

    public static Finding fails(String reason, String message) {
        return new Finding(Condition.Status.False, reason, message);
    }

    /** What is said of this aspect now. */
    public static Finding in(List<Condition> conditions, String type) {
        return Condition.find(conditions, type)
                .map(c -> new Finding(c.status(), c.reason(), c.message()))
                .orElse(new Finding(Condition.Status.Unknown, "", ""));
    }

    public Condition at(Event<?> event, String type, long generation) {
        return new Condition(type, status, reason, message, generation, event.time());
    }
}
