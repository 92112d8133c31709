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
        Answers.ifFound(client.below(routings, namespace, name, "explain"))
                .ifPresent(explanation -> absent(name, explanation));
    }

    /** Why one interface, of the same namespace unless it names another, is among them or not. */
    void explain(String namespace, String name, String nic) {
        Kind routings = Kinds.find("lbr").orElseThrow();
        explained(name, Answers.required(client.explanation(routings, namespace, name, nic)));
    }

    void explained(String name, JsonNode explanation) {
        String verdict =
                switch (Documents.text(explanation, "/verdict")) {
                    case "Destination" -> "is a destination of";
                    case "NotADestination" -> "is no destination of";
                    default -> "is about to join or to leave";
                };
        console.data(
                "%s %s loadbalancer/%s"
                        .formatted(Documents.text(explanation, "/interface"), verdict, name));
        Table table = new Table(List.of("check", "met", "found"));
        for (JsonNode finding : explanation.path("findings")) {
            table.add(
                    List.of(
                            Documents.text(finding, "/check"),
                            finding.path("met").asBoolean() ? "yes" : "no",
                            Documents.text(finding, "/message")));
        }
        table.lines(console.palette(), true).forEach(line -> console.data("  " + line));
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
        print("Destinations:", table);
        if (all.size() > SHOWN) {
            console.data(
                    "  and %d more: kcm get lbr %s -o yaml"
                            .formatted(
                                    all.size() - SHOWN, Documents.text(routing, "/metadata/name")));
        }
    }

    void absent(String name, JsonNode explanation) {
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
        print("Not among them:", table);
        int more = Math.max(0, all.size() - SHOWN) + explanation.path("more").asInt();
        if (more > 0) {
            console.data(
                    "  and %d more; why one is not: kcm describe lb %s --interface NAME"
                            .formatted(more, name));
        }
    }

    private void print(String title, Table table) {
        console.data(title);
        table.lines(console.palette(), true).forEach(line -> console.data("  " + line));
    }
}
