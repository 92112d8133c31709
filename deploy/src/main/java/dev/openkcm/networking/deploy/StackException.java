package dev.openkcm.networking.deploy;

/**
 * A condition that keeps the stack from running, told together with what a person can do about it.
 */
public final class StackException extends RuntimeException {
    private final String advice;

    public StackException(String message, String advice) {
        super(message);
        this.advice = advice;
    }

    public StackException(String message, String advice, Throwable cause) {
        super(message, cause);
        this.advice = advice;
    }

    public String advice() {
        return advice;
    }
}
