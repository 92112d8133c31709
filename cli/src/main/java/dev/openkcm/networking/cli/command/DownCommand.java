package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.deploy.DevStack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code kcm down}: stops everything that {@code kcm up} started. */
@Command(name = "down", description = "Stop services, registry and broker; the data stays.")
final class DownCommand implements Callable<Integer> {
    private final Session session;

    DownCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        boolean stopped = new DevStack(session.home(), new StackProgress(session.console())).down();
        session.console()
                .message(
                        stopped
                                ? "Everything is stopped; the data stays."
                                : "Nothing was running.");
        return 0;
    }
}
