package dev.openkcm.networking.kernel;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The one answer to a command.
 *
 * @param uid of the resource, when there is or was one
 * @param resourceVersion after the command, when there is or was a resource
 * @param created whether the command created the resource
 * @param dryRun whether the command was only tried
 * @param rejection why, when the outcome is {@code Rejected}
 */
public record CommandResult(
        String commandId,
        Outcome outcome,
        @Nullable UUID uid,
        @Nullable Long resourceVersion,
        boolean created,
        boolean dryRun,
        @Nullable Rejection rejection,
        Instant time) {

    /** What became of a command. */
    public enum Outcome {
        Accepted,
        Unchanged,
        Rejected
    }

    /** The answer to something that can't be decided upon at all. */
    public static CommandResult rejected(String commandId, Rejection rejection, Instant time) {
        return new CommandResult(
                commandId, Outcome.Rejected, null, null, false, false, rejection, time);
    }
}
