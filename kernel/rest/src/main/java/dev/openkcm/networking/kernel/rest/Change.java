package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record of the state topic.
 *
 * @param version null when the resource is gone
 * @param previous null when the resource did not exist, or its last change was too long ago
 * @param at when it happened
 * @param seen what the feed had seen with this change
 */
record Change(
        String key,
        int partition,
        long offset,
        @Nullable Version version,
        @Nullable Version previous,
        Instant at,
        Positions seen) {

    /** Null when the resource is gone. */
    @Nullable Facts now() {
        return version == null ? null : version.facts();
    }

    /** Null when the resource did not exist, or its last change was too long ago. */
    @Nullable Facts before() {
        return previous == null ? null : previous.facts();
    }

    /** In JSON; empty when the resource is gone. */
    String document() {
        return version == null ? "" : version.document();
    }

    boolean readable() {
        return version == null || version.facts() != null;
    }

    /** What watchers must know of a resource. */
    record Facts(String uid, long resourceVersion, Instant createdAt, Map<String, String> labels) {

        static Facts of(JsonNode document) {
            var metadata = document.path("metadata");
            return new Facts(
                    metadata.path("uid").asText(),
                    Documents.resourceVersion(document),
                    Instant.parse(metadata.path("creationTimestamp").asText()),
                    Documents.labels(document));
        }
    }

    /** Whether the resource was created by this very change. */
    boolean creation() {
        var now = now();
        return now != null && now.createdAt().equals(at);
    }

    /** Whether this came after what a list said of the resource. */
    boolean supersedes(Facts listed) {
        var now = now();
        var before = before();
        if (now == null) {
            return before == null
                    ? !listed.createdAt().isAfter(at)
                    : before.uid().equals(listed.uid());
        }
        return now.uid().equals(listed.uid())
                ? now.resourceVersion() > listed.resourceVersion()
                : !now.createdAt().isBefore(listed.createdAt());
    }
}
