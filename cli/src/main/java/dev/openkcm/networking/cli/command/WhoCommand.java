package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.OutputFormat;
import dev.openkcm.networking.cli.output.Table;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kcm who}: who has, or had, an address or a port of it. */
@Command(
        name = "who",
        description =
                "Show who has an address, or had it at a time: a VirtualIP, an interface behind a"
                        + " NATGateway, or an interface of a Network. Exit code 1 when nobody had.")
final class WhoCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Option(names = "--ip", paramLabel = "ADDRESS", required = true, description = "The address.")
    private String ip = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The port; without it everybody who had ports of the address.")
    private String port = "";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "When, such as 2026-01-13T11:39:17Z; now when left out.")
    private String at = "";

    @Option(
            names = "--network",
            paramLabel = "[NAMESPACE/]NAME",
            description = "The Network whose addresses are meant; public ones when left out.")
    private String network = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "yaml or json.")
    private OutputFormat format = OutputFormat.TABLE;

    WhoCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        String where =
                network.isEmpty() || network.contains("/")
                        ? network
                        : platform.namespace() + "/" + network;
        JsonNode answer = Answers.required(platform.client(session).owner(ip, port, at, where));
        JsonNode owners = answer.path("owners");
        switch (format) {
            case YAML -> session.console().data(DocumentWriter.yaml(answer));
            case JSON -> session.console().data(DocumentWriter.json(answer));
            case TABLE, WIDE, NAME -> {
                if (owners.isEmpty()) {
                    session.console()
                            .message(
                                    "Nobody had %s%s at %s.%s"
                                            .formatted(
                                                    ip,
                                                    port.isEmpty() ? "" : " port " + port,
                                                    answer.path("asOf").asText(),
                                                    network.isEmpty()
                                                            ? " Of an address inside a Network, say"
                                                                    + " which with --network."
                                                            : ""));
                } else {
                    table(owners)
                            .lines(session.console().palette())
                            .forEach(session.console()::data);
                }
            }
        }
        return owners.isEmpty() ? 1 : 0;
    }

    private static Table table(JsonNode owners) {
        var table =
                new Table(
                        List.of(
                                "KIND",
                                "NAMESPACE",
                                "NAME",
                                "USED BY",
                                "GATEWAY",
                                "NETWORK",
                                "IP",
                                "PORTS",
                                "FROM",
                                "TO"));
        for (JsonNode owner : owners) {
            JsonNode target = owner.path("targetRef");
            table.add(
                    List.of(
                            owner.path("kind").asText(),
                            owner.path("namespace").asText(),
                            owner.path("name").asText(),
                            target.isMissingNode()
                                    ? ""
                                    : target.path("kind").asText()
                                            + "/"
                                            + target.path("name").asText(),
                            owner.path("natGateway").asText(),
                            owner.path("network").asText(),
                            owner.path("ip").asText(),
                            owner.has("port")
                                    ? owner.path("port").asText()
                                            + "-"
                                            + owner.path("endPort").asText()
                                    : "",
                            owner.path("from").asText(),
                            owner.path("to").asText()));
        }
        return table;
    }
}
