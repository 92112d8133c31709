package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.client.UnreachableException;
import dev.openkcm.networking.deploy.StackException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** Every verb of the command line, ready to be executed. */
public final class CommandTree {
    private static final int FAILED = 1;

    private CommandTree() {}

    /** {@code kcm} itself. */
    @Command(
            name = "kcm",
            description = "Event-sourced control plane for cloud networks.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "Also: `kcm test` runs the test suite, `kcm build` builds everything.",
                "First steps: `kcm demo`, then `kcm get network,nic -A`."
            })
    static final class Root implements Runnable {
        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

        @Override
        public void run() {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
    }

    public static CommandLine of(Session session) {
        CommandLine root = new CommandLine(new Root());
        root.addSubcommand(new UpCommand(session));
        root.addSubcommand(new DownCommand(session));
        root.addSubcommand(new StatusCommand(session));
        root.addSubcommand(new LogsCommand(session));
        root.addSubcommand(new DemoCommand(session));
        root.addSubcommand(new ApplyCommand(session));
        root.addSubcommand(new GetCommand(session));
        root.addSubcommand(new DescribeCommand(session));
        root.addSubcommand(new DeleteCommand(session));
        root.addSubcommand(new WaitCommand(session));
        root.addSubcommand(new EventsCommand(session));
        root.addSubcommand(new CanCommand(session));
        root.addSubcommand(new MatrixCommand(session));
        root.addSubcommand(new PreviewCommand(session));
        root.addSubcommand(new WhoCommand(session));
        root.addSubcommand(new ExplainCommand(session));
        root.addSubcommand(new VerifyCommand(session));
        root.addSubcommand(new BenchCommand(session));
        root.addSubcommand(new RebuildCommand(session));
        root.addSubcommand(new VersionCommand(session));
        root.setOut(session.console().out());
        root.setErr(session.console().err());
        root.getCommandSpec().mixinStandardHelpOptions(true).version(VersionCommand.text());
        root.getCommandSpec().exitCodeOnInvalidInput(FAILED);
        root.getSubcommands()
                .values()
                .forEach(verb ->
                        verb.getCommandSpec()
                                .exitCodeOnInvalidInput(FAILED)
                                .addOption(
                                        CommandLine.Model.OptionSpec.builder("-h", "--help")
                                                .type(boolean.class)
                                                .usageHelp(true)
                                                .description("Show this help.")
                                                .build()));
        root.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setExecutionExceptionHandler((exception, _, _) -> report(session, exception));
        return root;
    }

    private static int report(Session session, Exception exception) {
        switch (exception) {
            case StackException problem -> {
                session.console().message("error: " + problem.getMessage());
                session.console().message(problem.advice());
            }
            case UnreachableException away ->
                    session.console().message("error: " + away.getMessage());
            case Failure failure -> session.console().message("error: " + failure.getMessage());
            case InterruptedException _ -> session.console().message("error: interrupted");
            default -> {
                session.console().message("error: unexpected " + exception);
                if (session.environment().containsKey("KCM_DEBUG")) {
                    exception.printStackTrace(session.console().err());
                } else {
                    session.console().message("Set KCM_DEBUG=1 to see where it happened.");
                }
            }
        }
        return FAILED;
    }
}
