package dev.openkcm.networking.kernel.test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Visits every state that a system can reach, breadth first, so that what is found wrong is told
 * with the shortest way to it.
 */
public final class Exploration {

    /** A system: its steps, and what must hold. */
    public interface Model<S> {

        /** All that may happen next. */
        List<Step<S>> steps(S state);

        /** The same text for states that go on in the same way. */
        String fingerprint(S state);

        /** Must hold always; throws an AssertionError otherwise. */
        void always(S state);

        /** Must hold once nothing can happen any more. */
        void atRest(S state);
    }

    /** Something that happens, and what is then. */
    public record Step<S>(String name, S next) {}

    /** How much was visited. */
    public record Visited(int states, int atRest) {}

    private record Path<S>(S state, @Nullable Path<S> before, String step) {}

    private Exploration() {}

    public static <S> Visited of(S initial, Model<S> model, int limit) {
        Map<String, Boolean> seen = new HashMap<>();
        var ahead = new ArrayDeque<Path<S>>();
        ahead.add(new Path<>(initial, null, "start"));
        seen.put(model.fingerprint(initial), true);
        int atRest = 0;
        while (!ahead.isEmpty()) {
            var path = ahead.remove();
            var steps = model.steps(path.state);
            try {
                model.always(path.state);
                if (steps.isEmpty()) {
                    atRest++;
                    model.atRest(path.state);
                }
            } catch (AssertionError wrong) {
                throw new AssertionError(
                        "after\n  %s\n%s"
                                .formatted(String.join("\n  ", way(path)), wrong.getMessage()),
                        wrong);
            }
            for (var step : steps) {
                if (seen.put(model.fingerprint(step.next()), true) == null) {
                    ahead.add(new Path<>(step.next(), path, step.name()));
                }
            }
            if (seen.size() > limit) {
                throw new AssertionError("more than %d states".formatted(limit));
            }
        }
        return new Visited(seen.size(), atRest);
    }

    private static <S> List<String> way(Path<S> path) {
        var way = new ArrayList<String>();
        for (var now = path; now != null; now = now.before) {
            way.add(now.step);
        }
        Collections.reverse(way);
        return way;
    }
}
