package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.Answer;
import dev.openkcm.networking.cli.client.Problem;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.client.UnreachableException;
import dev.openkcm.networking.cli.manifest.Manifest;
import dev.openkcm.networking.cli.manifest.Manifests;
import dev.openkcm.networking.cli.output.Console;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Manifests on their way to the services: one at a time, a refused one not keeping the next from
 * its turn.
 */
final class Application {
    private final Console console;
    private final RestClient client;
    private final boolean dryRun;

    Application(Console console, RestClient client, boolean dryRun) {
        this.console = console;
        this.client = client;
        this.dryRun = dryRun;
    }

    /** True when every manifest was read and accepted. */
    boolean applyAll(Manifests manifests) {
        manifests.unreadable().forEach(problem -> console.message("error: " + problem));
        if (manifests.readable().isEmpty() && manifests.unreadable().isEmpty()) {
            console.message("error: there is no manifest in what was given");
            return false;
        }
        boolean all = manifests.unreadable().isEmpty();
        Set<String> unreachable = new HashSet<>();
        for (Manifest manifest : manifests.readable()) {
            try {
                all &= apply(manifest);
            } catch (UnreachableException e) {
                all = false;
                // One line per service that is away, and one per manifest it should have had.
                if (unreachable.add(manifest.kind().service())) {
                    console.message("error: " + e.getMessage());
                }
                console.message(manifest.title() + " not applied");
            }
        }
        return all;
    }

    private boolean apply(Manifest manifest) {
        Answer answer =
                client.apply(
                        manifest.kind(),
                        manifest.namespace(),
                        manifest.name(),
                        manifest.document(),
                        dryRun);
        return switch (answer) {
            case Answer.Done(JsonNode body) -> {
                console.data(manifest.title() + " " + outcome(body) + (dryRun ? " (dry run)" : ""));
                effects(body).forEach(event -> console.data("  " + event));
                yield true;
            }
            case Answer.Refused(Problem problem) -> {
                console.message(manifest.title() + " rejected (" + manifest.source() + "):");
                problem.lines().forEach(line -> console.message("  " + line));
                yield false;
            }
            case Answer.Undecided(String operation) -> {
                console.message(
                        manifest.title() + ": " + Answers.undecided(operation).getMessage());
                yield false;
            }
        };
    }

    private static String outcome(JsonNode body) {
        JsonNode result = body.has("result") ? body.path("result") : body;
        if (result.path("outcome").asText().equals("Unchanged")) {
            return "unchanged";
        }
        boolean created =
                result.path("created").asBoolean() || body.at("/events/0/sequence").asLong() == 1;
        return created ? "created" : "configured";
    }

    /** What a dry run says would happen, an event a line. */
    private static List<String> effects(JsonNode body) {
        List<String> effects = new ArrayList<>();
        for (JsonNode event : body.path("events")) {
            effects.add(EventTable.summary(event));
        }
        return effects;
    }
}
