package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.command.Reach.End;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.OutputFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm can}: whether one end can reach the other, and who says so. */
@Command(
        name = "can",
        description = {
            "Tell whether one end can reach the other, and which policy decides.",
            "Exits with 0 when it can and with 3 when it can't."
        })
final class CanCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(index = "0", paramLabel = "FROM", description = "nic/NAME, vip/NAME or an address.")
    private String from = "";

    @Parameters(
            index = "1",
            paramLabel = "TO",
            description = "nic/NAME, lb/NAME, vip/NAME or an address.")
    private String to = "";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PROTOCOL/PORT",
            required = true,
            description = "Such as tcp/5432.")
    private String port = "";

    @Option(
            names = "--network",
            paramLabel = "NETWORK",
            description = "Needed when neither end says which Network it is in.")
    private String network = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "yaml or json: the whole answer.")
    private OutputFormat format = OutputFormat.TABLE;

    CanCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        RestClient client = platform.client(session);
        End source = End.parse(from);
        End destination = End.parse(to);
        Reach.Port wanted = Reach.Port.parse(port);
        Map<String, String> question = new LinkedHashMap<>();
        question.put("from", source.parameter());
        question.put("to", destination.parameter());
        question.put("protocol", wanted.protocol());
        question.put("port", String.valueOf(wanted.number()));
        JsonNode answer =
                Answers.required(
                        client.reachability(
                                Reach.policies(),
                                platform.namespace(),
                                networkOf(client, source, destination),
                                question));
        print(answer);
        return answer.path("verdict").asText().equals("Allow") ? 0 : Reach.NO;
    }

    private String networkOf(RestClient client, End source, End destination) {
        if (!network.isEmpty()) {
            return network;
        }
        return source.network(client, platform.namespace())
                .or(() -> destination.network(client, platform.namespace()))
                .orElseThrow(() ->
                        new Failure("Neither end says which Network it is in: add --network."));
    }

    private void print(JsonNode answer) {
        switch (format) {
            case JSON -> session.console().data(DocumentWriter.json(answer));
            case YAML -> session.console().data(DocumentWriter.yaml(answer));
            default -> {
                session.console().data(answer.path("explanation").asText());
                for (JsonNode path : answer.path("paths")) {
                    path.path("notes")
                            .forEach(note -> session.console().data("  " + note.asText()));
                }
            }
        }
    }
}
