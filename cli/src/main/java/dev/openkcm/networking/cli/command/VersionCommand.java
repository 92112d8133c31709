package dev.openkcm.networking.cli.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code kcm version}: the version of the command line and of the Java it runs on. */
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Callable<Integer> {
    private final Session session;

    VersionCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.console().data(text());
        return 0;
    }

    static String text() {
        String version =
                Objects.requireNonNullElse(
                        VersionCommand.class.getPackage().getImplementationVersion(),
                        "development");
        return "kcm " + version + ", Java " + Runtime.version();
    }
}
