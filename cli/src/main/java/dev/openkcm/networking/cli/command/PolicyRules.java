package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.client.UnreachableException;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kinds;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.Table;
import java.util.ArrayList;
import java.util.List;

/** The rules that hold for an interface, and which policy each is from. */
final class PolicyRules {
    private static final int RULES_SHOWN = 50;

    private final Console console;

    PolicyRules(Console console) {
        this.console = console;
    }

    void print(RestClient client, String namespace, String name) {
        JsonNode rules;
        try {
            var answer =
                    Answers.ifFound(
                            client.get(
                                    Kinds.find("networkpolicyrule").orElseThrow(),
                                    namespace,
                                    name));
            if (answer.isEmpty()) {
                return;
            }
            rules = answer.get();
        } catch (UnreachableException away) {
            console.data("Policies:     unknown, the policy service does not answer");
            return;
        }
        console.data("Policies:");
        direction(rules, "ingress", "Ingress");
        direction(rules, "egress", "Egress");
        JsonNode all = rules.path("rules");
        if (all.isEmpty()) {
            return;
        }
        Table table = new Table(List.of("direction", "peer", "ports", "policy", "origin"));
        int shown = 0;
        for (JsonNode rule : all) {
            if (shown++ == RULES_SHOWN) {
                break;
            }
            table.add(
                    List.of(
                            Documents.text(rule, "/direction"),
                            peer(rule.path("peer")),
                            Reach.ports(rule.path("ports")),
                            Documents.text(rule, "/policy"),
                            Documents.text(rule, "/path")));
        }
        table.lines(console.palette()).forEach(line -> console.data("  " + line));
        if (all.size() > RULES_SHOWN) {
            console.data(
                    "  and %d more: kcm get npr %s -o yaml"
                            .formatted(
                                    all.size() - RULES_SHOWN,
                                    Documents.text(rules, "/metadata/name")));
        }
    }

    private void direction(JsonNode rules, String field, String direction) {
        List<String> names = new ArrayList<>();
        for (JsonNode policy : rules.path("policies")) {
            if (policy.path("direction").asText().equals(direction)) {
                names.add(Documents.text(policy, "/name"));
            }
        }
        boolean isolated = rules.path("isolated").path(field).asBoolean();
        console.data(
                "  %-8s %s"
                        .formatted(
                                direction + ":",
                                isolated
                                        ? "denied by default, isolated by "
                                                + String.join(", ", names)
                                        : "open, no policy isolates it"));
    }

    private static String peer(JsonNode peer) {
        if (peer.path("everyone").asBoolean()) {
            return "everyone";
        }
        if (peer.has("ranges")) {
            return Documents.text(peer, "/ranges");
        }
        return "%s %s by labels"
                .formatted(Documents.text(peer, "/members"), Documents.text(peer, "/kind"));
    }
}
