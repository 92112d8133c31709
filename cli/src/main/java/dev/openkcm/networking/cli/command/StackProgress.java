package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.deploy.StackListener;
import java.time.Duration;
import java.util.Locale;

/** Tells the person what the stack is doing, a line per component. */
final class StackProgress implements StackListener {
    private final Console console;
    private boolean announced;

    StackProgress(Console console) {
        this.console = console;
    }

    @Override
    public void note(String message) {
        console.message(message);
    }

    @Override
    public void starting(String component) {
        // Each line says when a component was ready; one that hangs is named by the failure.
        if (!announced) {
            console.message("Starting OpenKCM Networking …");
            announced = true;
        }
    }

    @Override
    public void ready(String component, int port, Duration took) {
        console.message(
                String.format(
                        Locale.ROOT,
                        "  %-13s %s  port %d  %s",
                        component,
                        console.palette().state("Ready"),
                        port,
                        console.palette()
                                .faint(
                                        String.format(
                                                Locale.ROOT, "%.1f s", took.toMillis() / 1000.0))));
    }

    @Override
    public void stopped(String component) {
        console.message("  " + component + " stopped");
    }
}
