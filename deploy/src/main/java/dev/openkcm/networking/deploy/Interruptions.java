package dev.openkcm.networking.deploy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waiting that turns an interrupt into an end of the whole operation. */
final class Interruptions {
    private Interruptions() {}

    static int waitFor(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw interrupted(e);
        }
    }

    /** Whether the process ended in time. */
    static boolean waitFor(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw interrupted(e);
        }
    }

    static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static StackException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new StackException(
                "Interrupted.", "Run `kcm status` to see what is left running.", e);
    }
}
