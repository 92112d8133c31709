package dev.openkcm.networking.kernel.registry;

import org.jspecify.annotations.Nullable;

/** Why the schema registry did not give what was asked of it. */
public final class SchemaRegistryException extends RuntimeException {

    /** The few cases a caller may want to tell apart. */
    public enum Kind {
        /** Nobody answered, or the registry is failing: the same request may succeed later. */
        UNAVAILABLE,
        /** The credentials are missing, wrong or not sufficient. */
        UNAUTHORIZED,
        /** The registry does not know this id, subject or schema. */
        NOT_FOUND,
        /** The schema breaks the compatibility the subject demands. */
        INCOMPATIBLE,
        /** The schema, or what the registry holds under the id, is not one that can be used. */
        INVALID,
        /** The registry refused for another reason, or does not speak its protocol. */
        OTHER
    }

    private final Kind kind;

    SchemaRegistryException(Kind kind, String message) {
        this(kind, message, null);
    }

    SchemaRegistryException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Returns which case this is. */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns whether a failure goes back to the registry being away rather than to the record:
     * such a record must be tried again, not set aside as unreadable.
     */
    public static boolean isUnavailable(@Nullable Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SchemaRegistryException registry) {
                return registry.kind == Kind.UNAVAILABLE;
            }
        }
        return false;
    }
}
