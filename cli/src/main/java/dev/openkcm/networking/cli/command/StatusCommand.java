package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.output.Ages;
import dev.openkcm.networking.cli.output.Table;
import dev.openkcm.networking.deploy.ComponentStatus;
import dev.openkcm.networking.deploy.DevStack;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code kcm status}: what of the platform runs on this machine. */
@Command(
        name = "status",
        description = "Show what runs. Exit code 1 when something built does not serve.")
final class StatusCommand implements Callable<Integer> {
    private final Session session;

    StatusCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<ComponentStatus> all =
                new DevStack(session.home(), new StackProgress(session.console())).status();
        Table table = new Table(List.of("component", "pid", "port", "state", "memory", "uptime"));
        all.forEach(one -> table.add(row(one)));
        table.lines(session.console().palette()).forEach(session.console()::data);
        return all.stream().allMatch(StatusCommand::asItShouldBe) ? 0 : 1;
    }

    private List<String> row(ComponentStatus one) {
        Instant since = one.since();
        return List.of(
                one.name(),
                one.pid().isPresent() ? String.valueOf(one.pid().getAsLong()) : "-",
                String.valueOf(one.port()),
                one.state().word(),
                one.residentBytes() == 0 ? "-" : (one.residentBytes() >> 20) + " MiB",
                since == null ? "-" : Ages.of(Duration.between(since, session.clock().instant())));
    }

    private static boolean asItShouldBe(ComponentStatus one) {
        return switch (one.state()) {
            case READY, NOT_BUILT -> true;
            case UNREADY, DIED, STOPPED -> false;
        };
    }
}
