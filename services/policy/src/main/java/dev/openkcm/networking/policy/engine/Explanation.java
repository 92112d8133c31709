package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.engine.Reachability.Answer;
import dev.openkcm.networking.policy.engine.Reachability.Leg;
import dev.openkcm.networking.policy.engine.Reachability.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers as sentences for people. */
public final class Explanation {

    private static final int NAMES_TOLD = 5;

    private Explanation() {}

    /** Whether, and who decided; when ways differ, about the first that is closed. */
    public static String of(Answer answer) {
        var question = answer.question();
        long open = answer.paths().stream().filter(Path::allowed).count();
        String verb =
                answer.allowed() ? "can reach" : open == 0 ? "can't reach" : "can't always reach";
        return "%s %s %s on %s %d: %s."
                .formatted(
                        question.from(),
                        verb,
                        question.to(),
                        question.protocol(),
                        question.port(),
                        because(answer.decisive()));
    }

    private static String because(Path path) {
        if (path.obstacle() != null) {
            return path.obstacle();
        }
        var said = new ArrayList<String>();
        for (var leg : legs(path)) {
            if (path.allowed() || !leg.verdict().allowed()) {
                said.add(of(leg));
            }
        }
        return said.isEmpty() ? String.join("; ", path.notes()) : String.join("; ", said);
    }

    private static List<Leg> legs(Path path) {
        var legs = new ArrayList<Leg>(2);
        add(path.egress(), legs);
        add(path.ingress(), legs);
        return legs;
    }

    private static void add(@Nullable Leg leg, List<Leg> legs) {
        if (leg != null) {
            legs.add(leg);
        }
    }

    /** What the policies of one interface say. */
    public static String of(Leg leg) {
        var verdict = leg.verdict();
        String what =
                "%s NetworkInterface %s"
                        .formatted(
                                leg.direction() == Direction.Egress ? "egress from" : "ingress to",
                                leg.networkInterface().name());
        return switch (verdict.reason()) {
            case NotIsolated -> what + " is open, no policy isolates it";
            case Allowed -> {
                var first = verdict.allowedBy().getFirst();
                int more = verdict.allowedBy().size() - 1;
                yield "%s is allowed by NetworkPolicy %s, %s%s"
                        .formatted(
                                what,
                                first.policy().name(),
                                first.rule().path(),
                                more == 0 ? "" : " and %d more".formatted(more));
            }
            case DefaultDeny ->
                    "%s is denied by default, isolated by NetworkPolicy %s without a rule that allows it"
                            .formatted(what, names(verdict.isolatedBy()));
        };
    }

    private static String names(List<ResourceKey> keys) {
        var names = keys.stream().limit(NAMES_TOLD).map(ResourceKey::name).toList();
        int more = keys.size() - names.size();
        return String.join(", ", names) + (more == 0 ? "" : " and %d more".formatted(more));
    }
}
