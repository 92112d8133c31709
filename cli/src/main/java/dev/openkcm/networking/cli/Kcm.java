package dev.openkcm.networking.cli;

import dev.openkcm.networking.cli.command.CommandTree;
import dev.openkcm.networking.cli.command.Session;

/** The entry of the program {@code kcm}. */
public final class Kcm {
    private Kcm() {}

    public static void main(String[] arguments) {
        Session session = Session.ofProcess();
        int code = CommandTree.of(session).execute(arguments);
        session.console().out().flush();
        session.console().err().flush();
        System.exit(code);
    }
}
