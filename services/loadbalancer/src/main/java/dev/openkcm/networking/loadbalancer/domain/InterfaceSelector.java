package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.LabelSelector.Operator;
import dev.openkcm.networking.kernel.LabelSelector.Requirement;
import dev.openkcm.networking.kernel.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;

/** Which interfaces a balancer distributes among, as the sender wrote it. */
public record InterfaceSelector(
        SortedMap<String, String> matchLabels, List<Expression> matchExpressions) {

    /** A requirement on one label. */
    public record Expression(String key, String operator, List<String> values) {
        public Expression {
            values = List.copyOf(values);
        }
    }

    public InterfaceSelector {
        matchLabels = Meta.sorted(matchLabels);
        matchExpressions = List.copyOf(matchExpressions);
    }

    /** All requirements in one form; only of what was found valid. */
    public LabelSelector requirements() {
        var all = new ArrayList<Requirement>();
        matchLabels.forEach((key, value) ->
                all.add(new Requirement(key, Operator.In, new TreeSet<>(List.of(value)))));
        for (var expression : matchExpressions) {
            all.add(
                    new Requirement(
                            expression.key(),
                            Operator.valueOf(expression.operator()),
                            new TreeSet<>(expression.values())));
        }
        return new LabelSelector(all);
    }
}
