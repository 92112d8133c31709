package dev.openkcm.networking.cli.command;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Asks again until something holds. */
final class Waiting {
    private static final Duration PERIOD = Duration.ofMillis(100);

    private Waiting() {}

    /** False when the time was up before it held. */
    static boolean until(Duration timeout, BooleanSupplier holds) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() >= deadline) {
                return false;
            }
            try {
                Thread.sleep(PERIOD);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted", e);
            }
        }
        return true;
    }
}
