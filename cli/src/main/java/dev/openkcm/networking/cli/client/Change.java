package dev.openkcm.networking.cli.client;

import com.fasterxml.jackson.databind.JsonNode;

/** One change that a watch reports: ADDED, MODIFIED or DELETED, and the document. */
public record Change(String type, JsonNode document) {
    public boolean deleted() {
        return type.equals("DELETED");
    }
}
