package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.deploy.ComponentStatus;
import dev.openkcm.networking.deploy.DevStack;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Shows the warnings of a running stack as they are logged, and says when a component ends. */
final class LogFollower {
    private static final Pattern WORTH_SHOWING = Pattern.compile("\\b(WARN|ERROR|FATAL)\\b");
    private static final long PERIOD_MILLIS = 500;
    private static final int ROUNDS_PER_STATUS = 10;

    private final Console console;
    private final DevStack stack;

    LogFollower(Console console, DevStack stack) {
        this.console = console;
        this.stack = stack;
    }

    void untilStopped(CountDownLatch stopping) throws InterruptedException {
        List<FollowedLog> logs =
                stack.components().stream()
                        .map(name -> FollowedLog.fromItsEnd(name, stack.folder().log(name)))
                        .toList();
        Set<String> reported = new HashSet<>();
        for (int round = 0; !stopping.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS); round++) {
            for (FollowedLog log : logs) {
                log.newLines().stream()
                        .filter(line -> WORTH_SHOWING.matcher(line).find())
                        .forEach(line -> console.message(log.name() + " | " + line));
            }
            if (round % ROUNDS_PER_STATUS == 0) {
                reportDeaths(reported);
            }
        }
    }

    private void reportDeaths(Set<String> reported) {
        for (ComponentStatus one : stack.status()) {
            if (one.state() != ComponentStatus.State.DIED) {
                reported.remove(one.name());
            } else if (reported.add(one.name())) {
                console.message(
                        one.name()
                                + " has ended; `kcm up --detach` elsewhere starts it again. Log: "
                                + stack.folder().log(one.name()));
            }
        }
    }
}
