package dev.openkcm.networking.kernel.rest;

import jakarta.ws.rs.core.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What headers say about how a request is to be treated. */
final class Preferences {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Pattern WAIT =
            Pattern.compile("(?:.*[,;\\s])?wait=([0-9]{1,6})(?:[,;\\s].*)?");
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"([0-9]{1,18})\"|([0-9]{1,18})");

    /** A precondition: none, a version (0 for absence), or one that can't be read. */
    sealed interface Precondition {
        record None() implements Precondition {}

        record Version(long version) implements Precondition {}

        record Unreadable(String message) implements Precondition {}
    }

    private Preferences() {}

    /** How long the client is ready to wait for the outcome. */
    static Optional<Duration> wait(HttpHeaders headers) {
        String prefer = headers.getHeaderString("Prefer");
        if (prefer == null) {
            return Optional.empty();
        }
        var matcher = WAIT.matcher(prefer);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var wait = Duration.ofSeconds(Long.parseLong(matcher.group(1)));
        return Optional.of(wait.compareTo(LONGEST) > 0 ? LONGEST : wait);
    }

    /** What was done of all that the client would prefer. */
    static String applied(Duration wait) {
        return "wait=" + wait.toSeconds();
    }

    static Precondition precondition(HttpHeaders headers) {
        @Nullable String none = headers.getHeaderString("If-None-Match");
        @Nullable String match = headers.getHeaderString("If-Match");
        if (none != null) {
            return none.strip().equals("*")
                    ? new Precondition.Version(0)
                    : new Precondition.Unreadable("If-None-Match of a change can only be *");
        }
        if (match == null) {
            return new Precondition.None();
        }
        var tag = TAG.matcher(match.strip());
        if (!tag.matches()) {
            return new Precondition.Unreadable(
                    "If-Match must be the ETag of the resource, such as \"7\"");
        }
        return new Precondition.Version(
                Long.parseLong(tag.group(1) == null ? tag.group(2) : tag.group(1)));
    }
}
