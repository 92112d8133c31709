package dev.openkcm.networking.kernel;

import java.util.ArrayList;
import java.util.List;

/** Why a command was refused: the answer to its sender, as a value. */
public record Rejection(Reason reason, String message, List<Cause> causes) {

    /** More causes than these help nobody, and a result must stay far below the record limit. */
    private static final int CAUSES_TOLD = 50;

    /** The few categories that every transport understands. */
    public enum Reason {
        Invalid,
        NotFound,
        Conflict,
        Forbidden,
        TooLarge,
        InternalError
    }

    public Rejection {
        causes = List.copyOf(causes);
    }

    public static Rejection invalid(String what, List<Cause> causes) {
        var told = new ArrayList<>(causes.subList(0, Math.min(causes.size(), CAUSES_TOLD)));
        var first = told.getFirst();
        String more = causes.size() == 1 ? "" : " (and %d more)".formatted(causes.size() - 1);
        return new Rejection(
                Reason.Invalid,
                "%s is invalid: %s: %s%s".formatted(what, first.field(), first.message(), more),
                told);
    }

    public static Rejection malformed(String message) {
        return new Rejection(Reason.Invalid, message, List.of());
    }

    public static Rejection notFound(String what) {
        return new Rejection(Reason.NotFound, what + " does not exist", List.of());
    }

    public static Rejection conflict(String message) {
        return new Rejection(Reason.Conflict, message, List.of());
    }

    public static Rejection tooLarge(String message) {
        return new Rejection(Reason.TooLarge, message, List.of());
    }

    public static Rejection internalError(String message) {
        return new Rejection(Reason.InternalError, message, List.of());
    }
}
