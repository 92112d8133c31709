package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where a load balancer sends its traffic, and why not to the other interfaces there. */
final class Destinations {
    private static final int SHOWN = 50;

    private final Console console;
    private final RestClient client;

    Destinations(Console console, RestClient client) {
        this.console = console;
        this.client = client;
    }

    void print(String namespace, String name) {
        Kind routings = Kinds.find("lbr").orElseThrow();
        Answers.ifFound(client.get(routings, namespace, name)).ifPresent(this::destinations);
        Answers.ifFound(client.below(routings, namespace, name, "explain")).ifPresent(this::absent);
    }

    void destinations(JsonNode routing) {
        JsonNode all = routing.path("destinations");
        if (all.isEmpty()) {
            console.data("Destinations:  <none>");
            return;
        }
        Table table = new Table(List.of("name", "ip", "uid"));
        int shown = 0;
        for (JsonNode destination : all) {
            if (shown++ < SHOWN) {
                table.add(
                        List.of(
                                Documents.text(destination, "/name"),
                                Documents.text(destination, "/ip"),
                                Documents.text(destination, "/uid")));
            }
        }
        print("Destinations:", table, all.size() - SHOWN);
    }

    void absent(JsonNode explanation) {
        JsonNode all = explanation.path("absent");
        if (all.isEmpty()) {
            return;
        }
        Table table = new Table(List.of("interface", "reason"));
        int shown = 0;
        for (JsonNode one : all) {
            if (shown++ < SHOWN) {
                List<String> reasons = new ArrayList<>();
                for (JsonNode finding : one.path("findings")) {
                    reasons.add(
                            Documents.text(finding, "/check").toLowerCase(Locale.ROOT)
                                    + ": "
                                    + Documents.text(finding, "/message"));
                }
                table.add(List.of(Documents.text(one, "/interface"), String.join("; ", reasons)));
            }
        }
        print("Not among them:", table, all.size() - SHOWN);
    }

    private void print(String title, Table table, int more) {
        console.data(title);
        table.lines(console.palette(), true).forEach(line -> console.data("  " + line));
        if (more > 0) {
            console.data("  and " + more + " more");
        }
    }
}
