package dev.openkcm.networking.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Why a service refused a request. */
public record Problem(int status, String reason, String detail, List<Cause> causes) {

    /** One thing that is wrong, and where. */
    public record Cause(String reason, String field, String message) {
        @Override
        public String toString() {
            String where = field.isEmpty() ? "" : field + ": ";
            return where + (message.isEmpty() ? reason : reason + ": " + message);
        }
    }

    public Problem {
        causes = List.copyOf(causes);
    }

    static Problem of(int status, JsonNode body) {
        List<Cause> causes = new ArrayList<>();
        body.path("causes")
                .forEach(cause ->
                        causes.add(
                                new Cause(
                                        cause.path("reason").asText(),
                                        cause.path("field").asText(),
                                        cause.path("message").asText())));
        String detail =
                body.path("detail")
                        .asText(
                                body.path("message")
                                        .asText(
                                                body.path("title")
                                                        .asText("HTTP status " + status)));
        return new Problem(status, body.path("reason").asText(), detail, causes);
    }

    /** One line per cause; the detail when no cause is named. */
    public List<String> lines() {
        if (causes.isEmpty()) {
            return List.of(reason.isEmpty() ? detail : reason + ": " + detail);
        }
        return causes.stream().map(Cause::toString).toList();
    }
}
