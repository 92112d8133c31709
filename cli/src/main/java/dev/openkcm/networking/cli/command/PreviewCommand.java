package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kinds;
import dev.openkcm.networking.cli.manifest.Manifest;
import dev.openkcm.networking.cli.manifest.Manifests;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.OutputFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kcm preview}: what policies would open and close, were they applied. */
@Command(
        name = "preview",
        description = "Show what NetworkPolicies would open and close; change nothing.")
final class PreviewCommand implements Callable<Integer> {
    private static final int NAMES_SHOWN = 6;

    /** What makes the command fail. */
    enum FailOn {
        NOTHING,
        OPENED,
        CLOSED,
        ANY
    }

    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR|-",
            description = "NetworkPolicies as for apply; those of one Network are taken together.")
    private List<String> sources = List.of();

    @Option(
            names = "--delete",
            paramLabel = "NAME",
            split = ",",
            description = "NetworkPolicies that would be deleted.")
    private List<String> deleted = List.of();

    @Option(
            names = "--fail-on",
            paramLabel = "opened|closed|any",
            description = "Exit with 3 when something would be opened, closed, or either.")
    private FailOn failOn = FailOn.NOTHING;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "yaml or json.")
    private OutputFormat format = OutputFormat.TABLE;

    PreviewCommand(Session session) {
        this.session = session;
    }

    /** A Network by namespace and name. */
    private record Network(String namespace, String name) {}

    @Override
    public Integer call() {
        RestClient client = platform.client(session);
        Map<Network, ObjectNode> changes = new LinkedHashMap<>();
        for (String name : deleted) {
            JsonNode policy =
                    Answers.required(
                            client.get(
                                    Kinds.find("networkpolicy").orElseThrow(),
                                    platform.namespace(),
                                    name));
            of(changes, platform.namespace(), policy).withArray("delete").add(name);
        }
        Manifests manifests = Manifests.read(sources, session.in(), platform.namespace());
        if (!manifests.unreadable().isEmpty()) {
            throw new Failure(String.join("\n", manifests.unreadable()));
        }
        for (Manifest manifest : manifests.readable()) {
            if (!manifest.kind().name().equals("NetworkPolicy")) {
                throw new Failure(manifest.title() + " is not a NetworkPolicy.");
            }
            of(changes, manifest.namespace(), manifest.document())
                    .withArray("policies")
                    .add(manifest.document());
        }
        if (changes.isEmpty()) {
            throw new Failure("Give NetworkPolicies with -f, or name some with --delete.");
        }
        boolean opened = false;
        boolean closed = false;
        for (Map.Entry<Network, ObjectNode> change : changes.entrySet()) {
            JsonNode preview =
                    Answers.required(
                            client.reachability(
                                    Reach.policies(),
                                    change.getKey().namespace(),
                                    change.getKey().name(),
                                    "preview",
                                    change.getValue()));
            opened |= !preview.path("opens").isEmpty();
            closed |= !preview.path("closes").isEmpty();
            print(preview);
        }
        boolean fails =
                switch (failOn) {
                    case NOTHING -> false;
                    case OPENED -> opened;
                    case CLOSED -> closed;
                    case ANY -> opened || closed;
                };
        return fails ? Reach.NO : 0;
    }

    private static ObjectNode of(
            Map<Network, ObjectNode> changes, String namespace, JsonNode policy) {
        JsonNode reference = policy.at("/spec/networkRef");
        String network = Documents.text(reference.isArray() ? reference.path(0) : reference, "");
        return changes.computeIfAbsent(
                new Network(namespace, network), _ -> JsonNodeFactory.instance.objectNode());
    }

    private void print(JsonNode preview) {
        switch (format) {
            case JSON -> session.console().data(DocumentWriter.json(preview));
            case YAML -> session.console().data(DocumentWriter.yaml(preview));
            default -> {
                flows("opens", preview.path("opens"));
                flows("closes", preview.path("closes"));
                if (preview.path("opens").isEmpty() && preview.path("closes").isEmpty()) {
                    session.console().data("nothing opens, nothing closes");
                }
            }
        }
    }

    private void flows(String verb, JsonNode flows) {
        for (JsonNode flow : flows) {
            session.console()
                    .data(
                            "%-6s %s -> %s: %s"
                                    .formatted(
                                            verb,
                                            parties(flow.path("from")),
                                            parties(flow.path("to")),
                                            Reach.ports(flow.path("ports"))));
        }
    }

    private static String parties(JsonNode parties) {
        List<String> names = new ArrayList<>();
        for (JsonNode party : parties) {
            if (party.has("cidr")) {
                names.add(Documents.text(party, "/cidr"));
            } else {
                String kind =
                        Kinds.find(party.path("kind").asText())
                                .map(k -> k.shortNames().getFirst())
                                .orElse("");
                names.add(
                        "%s/%s(%s)"
                                .formatted(
                                        kind,
                                        Documents.text(party, "/name"),
                                        Documents.text(party, "/address")));
            }
        }
        int more = names.size() - NAMES_SHOWN;
        return more <= 0
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, NAMES_SHOWN)) + " and " + more + " more";
    }
}
