package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm matrix}: who can reach whom among the interfaces of a Network. */
@Command(
        name = "matrix",
        description = "Show who can reach whom among the interfaces of a Network.")
final class MatrixCommand implements Callable<Integer> {
    /** Wider tables have numbers instead of names above their columns. */
    private static final int WIDEST = 160;

    /** How the matrix is shown. */
    enum Format {
        TABLE,
        JSON,
        CSV
    }

    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(paramLabel = "NETWORK", description = "net/NAME or NAME")
    private String network = "";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PROTOCOL/PORT",
            required = true,
            split = ",",
            description = "One or more, such as tcp/80,udp/53.")
    private List<String> ports = List.of();

    @Option(
            names = "--from",
            paramLabel = "NAME",
            split = ",",
            description = "Only these interfaces as sources.")
    private List<String> from = List.of();

    @Option(
            names = "--to",
            paramLabel = "NAME",
            split = ",",
            description = "Only these interfaces as destinations.")
    private List<String> to = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "json or csv.")
    private Format format = Format.TABLE;

    MatrixCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        RestClient client = platform.client(session);
        Resource wanted =
                Resource.parseNamed(List.of(network.contains("/") ? network : "net/" + network))
                        .getFirst();
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        for (String port : ports) {
            Reach.Port parsed = Reach.Port.parse(port);
            question.withArray("ports")
                    .addObject()
                    .put("protocol", parsed.protocol())
                    .put("port", parsed.number());
        }
        from.forEach(question.withArray("from")::add);
        to.forEach(question.withArray("to")::add);
        // Left out, they mean everybody.
        List.of("from", "to")
                .forEach(field -> {
                    if (question.path(field).isEmpty()) {
                        question.remove(field);
                    }
                });
        JsonNode matrix =
                Answers.required(
                        client.reachability(
                                Reach.policies(),
                                platform.namespace(),
                                wanted.name(),
                                "matrix",
                                question));
        switch (format) {
            case JSON -> session.console().data(DocumentWriter.json(matrix));
            case CSV -> csv(matrix);
            case TABLE -> tables(matrix);
        }
        return 0;
    }

    private void tables(JsonNode matrix) {
        List<String> columns = names(matrix.path("to"));
        boolean numbered =
                columns.stream().mapToInt(name -> name.length() + 3).sum()
                                + names(matrix.path("from")).stream()
                                        .mapToInt(String::length)
                                        .max()
                                        .orElse(0)
                        > WIDEST;
        boolean first = true;
        for (JsonNode port : matrix.path("ports")) {
            if (!first) {
                session.console().data("");
            }
            first = false;
            session.console()
                    .data(port.path("protocol").asText() + " " + port.path("port").asText());
            List<String> header = new ArrayList<>(List.of("from \\ to"));
            for (int i = 0; i < columns.size(); i++) {
                header.add(numbered ? String.valueOf(i + 1) : columns.get(i));
            }
            Table table = new Table(header);
            for (JsonNode row : port.path("rows")) {
                List<String> cells = new ArrayList<>();
                String name = row.path("from").asText();
                int place = columns.indexOf(name) + 1;
                cells.add(numbered && place > 0 ? place + " " + name : name);
                row.path("combined")
                        .asText()
                        .chars()
                        .forEach(mark -> cells.add(Character.toString(mark)));
                table.add(cells);
            }
            table.lines(session.console().palette()).forEach(session.console()::data);
        }
        List<String> legend = new ArrayList<>();
        matrix.path("marks")
                .properties()
                .forEach(mark -> legend.add(mark.getKey() + " " + mark.getValue().asText()));
        session.console().message(String.join(", ", legend));
    }

    private void csv(JsonNode matrix) {
        List<String> columns = names(matrix.path("to"));
        session.console().data("from,to,protocol,port,ingress,egress,combined");
        for (JsonNode port : matrix.path("ports")) {
            for (JsonNode row : port.path("rows")) {
                for (int i = 0; i < columns.size(); i++) {
                    session.console()
                            .data(
                                    String.join(
                                            ",",
                                            row.path("from").asText(),
                                            columns.get(i),
                                            port.path("protocol").asText(),
                                            port.path("port").asText(),
                                            mark(matrix, row, "ingress", i),
                                            mark(matrix, row, "egress", i),
                                            mark(matrix, row, "combined", i)));
                }
            }
        }
    }

    private static String mark(JsonNode matrix, JsonNode row, String field, int column) {
        String mark = row.path(field).asText().substring(column, column + 1);
        return matrix.path("marks").path(mark).asText(mark);
    }

    private static List<String> names(JsonNode array) {
        List<String> names = new ArrayList<>();
        array.forEach(name -> names.add(Documents.text(name, "")));
        return names;
    }
}
