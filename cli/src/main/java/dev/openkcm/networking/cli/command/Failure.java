package dev.openkcm.networking.cli.command;

/** A command that cannot be carried out, said in words for the person who gave it. */
public final class Failure extends RuntimeException {
    public Failure(String message) {
        super(message);
    }

    public Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
