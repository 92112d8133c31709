package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.Answer;
import java.util.Optional;

/** What commands make of answers that all of them treat alike. */
final class Answers {
    private static final int NOT_FOUND = 404;

    private Answers() {}

    static JsonNode required(Answer answer) {
        return switch (answer) {
            case Answer.Done(JsonNode body) -> body;
            case Answer.Refused(var problem) ->
                    throw new Failure(String.join("\n", problem.lines()));
            case Answer.Undecided(String operation) -> throw undecided(operation);
        };
    }

    /** Empty when there is no such resource. */
    static Optional<JsonNode> ifFound(Answer answer) {
        return isNotFound(answer) ? Optional.empty() : Optional.of(required(answer));
    }

    static boolean isNotFound(Answer answer) {
        return answer instanceof Answer.Refused(var problem)
                && (problem.status() == NOT_FOUND || problem.reason().equals("NotFound"));
    }

    static Failure undecided(String operation) {
        return new Failure(
                "The command was taken but is not decided yet; ask for it later at " + operation);
    }
}
