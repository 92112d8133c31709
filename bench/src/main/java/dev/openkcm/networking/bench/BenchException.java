package dev.openkcm.networking.bench;

/** Why a run cannot go on, in a sentence for a person. */
final class BenchException extends RuntimeException {
    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
