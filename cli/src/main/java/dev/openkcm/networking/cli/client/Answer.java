package dev.openkcm.networking.cli.client;

import com.fasterxml.jackson.databind.JsonNode;

/** What a service answered to a request. */
public sealed interface Answer {

    /** It was done; the body as the service sent it. */
    record Done(JsonNode body) implements Answer {}

    /** It was refused. */
    record Refused(Problem problem) implements Answer {}

    /** It was taken, and is not decided yet. */
    record Undecided(String operation) implements Answer {}
}
