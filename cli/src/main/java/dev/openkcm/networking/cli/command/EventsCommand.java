package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.OutputFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm events}: everything that happened to a resource. */
@Command(
        name = "events",
        description = "Show what happened to a resource, in order, and what caused it.")
final class EventsCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(paramLabel = "RESOURCE", description = "KIND NAME or KIND/NAME", arity = "1..2")
    private List<String> words = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "yaml or json.")
    private OutputFormat format = OutputFormat.TABLE;

    EventsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        for (Resource resource : Resource.parseNamed(words)) {
            JsonNode events =
                    Answers.required(
                            platform.client(session)
                                    .events(
                                            resource.kind(),
                                            platform.namespace(),
                                            resource.name()));
            switch (format) {
                case YAML -> session.console().data(DocumentWriter.yaml(events));
                case JSON -> session.console().data(DocumentWriter.json(events));
                case TABLE, WIDE, NAME ->
                        EventTable.of(events, session.clock().instant())
                                .lines(session.console().palette())
                                .forEach(session.console()::data);
            }
        }
        return 0;
    }
}
