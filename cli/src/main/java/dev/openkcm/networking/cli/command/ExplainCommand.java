package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.client.AvroFieldDocs;
import dev.openkcm.networking.cli.client.RegistryClient;
import dev.openkcm.networking.cli.kind.FieldDocs;
import dev.openkcm.networking.cli.kind.FieldDocs.Described;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kcm explain}: what the fields of a kind mean. */
@Command(
        name = "explain",
        description = "Say what a kind is, or a field of it, such as network.spec.peerings.")
final class ExplainCommand implements Callable<Integer> {
    private final Session session;
    private final FieldDocs docs;

    @Parameters(index = "0", paramLabel = "KIND[.FIELD…]")
    private String subject = "";

    ExplainCommand(Session session) {
        this.session = session;
        this.docs = new AvroFieldDocs(new RegistryClient(session.environment())::latest);
    }

    @Override
    public Integer call() {
        List<String> words = Arrays.asList(subject.split("\\.", -1));
        Kind kind =
                Kinds.find(words.getFirst())
                        .orElseThrow(() ->
                                new Failure(
                                        "The platform has no kind \""
                                                + words.getFirst()
                                                + "\": one of "
                                                + Kinds.choice()
                                                + "."));
        List<String> path = words.subList(1, words.size());
        Described described =
                docs.describe(kind, path)
                        .orElseThrow(() ->
                                new Failure(
                                        path.isEmpty()
                                                ? "The registry has no schema of "
                                                        + kind.name()
                                                        + " yet: does its service run?"
                                                : kind.name()
                                                        + " has no field "
                                                        + String.join(".", path)
                                                        + "."));
        session.console().data("KIND:   " + kind.name());
        if (!path.isEmpty()) {
            session.console()
                    .data("FIELD:  " + String.join(".", path) + " <" + described.type() + ">");
        }
        session.console().data("");
        session.console().data(described.doc());
        if (!described.fields().isEmpty()) {
            session.console().data("");
            session.console().data("FIELDS:");
        }
        described
                .fields()
                .forEach(field -> {
                    session.console().data("  " + field.name() + " <" + field.type() + ">");
                    session.console().data("    " + field.doc());
                });
        return 0;
    }
}
