package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.deploy.DevStack;
import dev.openkcm.networking.deploy.LogTail;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm logs}: what one component of the platform has written. */
@Command(
        name = "logs",
        description = "Print the log of a component: broker, registry or a service.")
final class LogsCommand implements Callable<Integer> {
    private static final long PERIOD_MILLIS = 200;

    private final Session session;

    @Parameters(index = "0", paramLabel = "COMPONENT")
    private String component = "";

    @Option(
            names = {"-f", "--follow"},
            description = "Keep printing what is written.")
    private boolean follow;

    @Option(
            names = {"-n", "--tail"},
            description = "Number of last lines. Default: ${DEFAULT-VALUE}.")
    private int lines = 100;

    LogsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        DevStack stack = new DevStack(session.home(), new StackProgress(session.console()));
        if (!stack.components().contains(component)) {
            throw new Failure(
                    "There is no component "
                            + component
                            + ": one of "
                            + String.join(", ", stack.components())
                            + ".");
        }
        Path log = stack.folder().log(component);
        if (!Files.exists(log)) {
            throw new Failure(
                    component + " has written no log yet: it was never started. Try `kcm up`.");
        }
        FollowedLog followed = FollowedLog.fromItsEnd(component, log);
        LogTail.lastLines(log, lines).forEach(session.console()::data);
        CountDownLatch never = new CountDownLatch(1);
        while (follow
                && !session.console().out().checkError()
                && !never.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
            followed.newLines().forEach(session.console()::data);
        }
        return 0;
    }
}
