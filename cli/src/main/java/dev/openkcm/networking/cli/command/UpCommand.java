package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.deploy.ComponentStatus;
import dev.openkcm.networking.deploy.DevStack;
import dev.openkcm.networking.deploy.StackException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kcm up}: starts the whole platform on this machine. */
@Command(name = "up", description = "Start broker, registry and services on this machine.")
final class UpCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = {"-d", "--detach"},
            description = "Return once everything is ready.")
    private boolean detach;

    @Option(
            names = "--fresh",
            description = "Stop what runs and delete all data of earlier runs first.")
    private boolean fresh;

    UpCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        Console console = session.console();
        DevStack stack = new DevStack(session.home(), new StackProgress(console));
        if (detach) {
            bringUp(stack);
            console.message("Stop it with `kcm down`. Logs: " + stack.folder().logs());
            return 0;
        }
        return inForeground(stack);
    }

    private boolean bringUp(DevStack stack) {
        boolean started = stack.up(fresh);
        DefaultPools.ensure(session, stack.status());
        List<ComponentStatus> notBuilt =
                stack.status().stream()
                        .filter(one -> one.state() == ComponentStatus.State.NOT_BUILT)
                        .toList();
        if (!notBuilt.isEmpty()) {
            session.console()
                    .message(
                            "Not built, left out: "
                                    + String.join(
                                            ", ",
                                            notBuilt.stream().map(ComponentStatus::name).toList()));
        }
        session.console().message(started ? "Everything is ready." : "It is up already.");
        return started;
    }

    private int inForeground(DevStack stack) throws InterruptedException {
        CountDownLatch stopping = new CountDownLatch(1);
        Thread stop =
                Thread.ofPlatform()
                        .unstarted(() -> {
                            stopping.countDown();
                            session.console().message("\nStopping …");
                            try {
                                stack.down();
                            } catch (StackException e) {
                                session.console().message(e.getMessage() + " " + e.advice());
                            }
                        });
        boolean started;
        try {
            started = bringUp(stack);
        } catch (StackException e) {
            stack.down();
            throw e;
        }
        if (!started) {
            return 0;
        }
        Runtime.getRuntime().addShutdownHook(stop);
        session.console()
                .message(
                        "Ctrl-C stops it. Warnings and errors of all logs follow; all of it: `kcm logs <name>`.");
        new LogFollower(session.console(), stack).untilStopped(stopping);
        return 0;
    }
}
