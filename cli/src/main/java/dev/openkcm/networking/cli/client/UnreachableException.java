package dev.openkcm.networking.cli.client;

/** A service that does not answer, or not in a way that can be understood. */
public final class UnreachableException extends RuntimeException {
    public UnreachableException(String message) {
        super(message);
    }

    public UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
