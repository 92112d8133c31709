package dev.openkcm.networking.e2e.faults;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Stops processes and lets them go on. */
final class Signals {
    private Signals() {}

    static void stop(ProcessHandle process) {
        send("STOP", process);
    }

    static void resume(ProcessHandle process) {
        send("CONT", process);
    }

    static void kill(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().join();
    }

    private static void send(String signal, ProcessHandle process) {
        try {
            int code =
                    new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
            if (code != 0) {
                throw new IllegalStateException("no process " + process.pid() + " to " + signal);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
