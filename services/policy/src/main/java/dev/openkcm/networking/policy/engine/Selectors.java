package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.LabelSelector.Requirement;
import java.util.Comparator;

/** One spelling for selectors that say the same: sorted, nothing twice. */
final class Selectors {

    private static final Comparator<Requirement> ORDER =
            Comparator.comparing(Requirement::key)
                    .thenComparing(Requirement::operator)
                    .thenComparing(r -> r.values().toString());

    private Selectors() {}

    static LabelSelector canonical(LabelSelector selector) {
        return selector.requirements().size() < 2
                ? selector
                : new LabelSelector(
                        selector.requirements().stream().distinct().sorted(ORDER).toList());
    }

    /** The same text for equal canonical selectors only: keys and values have no such marks. */
    static String text(LabelSelector canonical) {
        var text = new StringBuilder();
        for (var requirement : canonical.requirements()) {
            text.append(requirement.key()).append(' ').append(requirement.operator());
            requirement.values().forEach(value -> text.append(' ').append(value));
            text.append(';');
        }
        return text.toString();
    }
}
