package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.OutputFormat;
import dev.openkcm.networking.cli.output.ResourceTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm get}: shows resources. */
@Command(name = "get", description = "Show resources of a kind, or one of them.")
final class GetCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(paramLabel = "RESOURCE", description = "KIND [NAME…] or KIND/NAME…", arity = "1..*")
    private List<String> words = List.of();

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Resources of all namespaces.")
    private boolean allNamespaces;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "Labels, such as app=web,tier!=test.")
    private String selector = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "yaml, json, wide or name.")
    private OutputFormat format = OutputFormat.TABLE;

    @Option(names = "--no-headers", description = "Leave the header of a table out.")
    private boolean noHeaders;

    @Option(
            names = {"-w", "--watch"},
            description = "Go on showing changes.")
    private boolean watch;

    GetCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        List<Resource> resources = Resource.parse(words);
        if (allNamespaces && resources.stream().anyMatch(one -> !one.isAll())) {
            throw new Failure("A resource can't be had by its name from all namespaces: use -n.");
        }
        RestClient client = platform.client(session);
        if (watch) {
            if (resources.size() != 1) {
                throw new Failure("Only one kind, or one resource, can be watched at a time.");
            }
            Resource one = resources.getFirst();
            client.watch(
                    one.kind(),
                    namespace(),
                    one.name(),
                    selector,
                    new WatchPrinter(session, one.kind(), format, allNamespaces)::print);
            return 0;
        }
        return show(fetch(resources, client), resources) ? 0 : 1;
    }

    private Map<Kind, List<JsonNode>> fetch(List<Resource> resources, RestClient client) {
        Map<Kind, List<JsonNode>> found = new LinkedHashMap<>();
        for (Resource resource : resources) {
            List<JsonNode> documents =
                    found.computeIfAbsent(resource.kind(), _ -> new ArrayList<>());
            if (resource.isAll()) {
                JsonNode list =
                        Answers.required(client.list(resource.kind(), namespace(), selector));
                list.path("items").forEach(documents::add);
            } else {
                Answers.ifFound(client.get(resource.kind(), platform.namespace(), resource.name()))
                        .ifPresentOrElse(
                                documents::add,
                                () -> session.console().message(notFound(resource)));
            }
        }
        return found;
    }

    private boolean show(Map<Kind, List<JsonNode>> found, List<Resource> asked) {
        List<JsonNode> all = found.values().stream().flatMap(List::stream).toList();
        Console console = session.console();
        switch (format) {
            case YAML, JSON -> {
                boolean single = asked.size() == 1 && !asked.getFirst().isAll();
                if (!single || !all.isEmpty()) {
                    JsonNode shown = single ? all.getFirst() : list(all);
                    console.data(
                            format == OutputFormat.YAML
                                    ? DocumentWriter.yaml(shown)
                                    : DocumentWriter.json(shown));
                }
            }
            case NAME ->
                    found.forEach((kind, documents) ->
                            documents.forEach(document ->
                                    console.data(
                                            kind.singular() + "/" + Documents.name(document))));
            case TABLE, WIDE -> tables(found);
        }
        long named = asked.stream().filter(one -> !one.isAll()).count();
        return named == 0 || all.size() >= named;
    }

    private void tables(Map<Kind, List<JsonNode>> found) {
        Console console = session.console();
        Instant now = session.clock().instant();
        boolean first = true;
        for (Map.Entry<Kind, List<JsonNode>> entry : found.entrySet()) {
            if (entry.getValue().isEmpty()) {
                continue;
            }
            if (!first) {
                console.data("");
            }
            first = false;
            new ResourceTable(entry.getKey(), format == OutputFormat.WIDE, allNamespaces)
                    .of(entry.getValue(), now)
                    .lines(console.palette(), !noHeaders)
                    .forEach(console::data);
        }
        boolean listed =
                found.values().stream().allMatch(List::isEmpty)
                        && words.size() == 1
                        && !words.getFirst().contains("/");
        if (listed) {
            console.message(
                    allNamespaces
                            ? "No resources found."
                            : "No resources found in namespace " + platform.namespace() + ".");
        }
    }

    private String namespace() {
        return allNamespaces ? "" : platform.namespace();
    }

    private String notFound(Resource resource) {
        String where = resource.kind().namespaced() ? " in namespace " + platform.namespace() : "";
        return "error: " + resource.title() + " not found" + where;
    }

    private static JsonNode list(List<JsonNode> items) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("apiVersion", "v1");
        list.put("kind", "List");
        list.putArray("items").addAll(items);
        return list;
    }
}
