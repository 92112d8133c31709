package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.output.Description;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm describe}: resources at length, each with its history. */
@Command(
        name = "describe",
        description =
                "Show one resource at length, or all of a kind: what is wanted, how it stands and"
                        + " why.")
final class DescribeCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(
            paramLabel = "RESOURCE",
            description = "KIND, KIND NAME or KIND/NAME",
            arity = "1..*")
    private List<String> words = List.of();

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "Of a kind: those with these labels, such as app=web,tier!=test.")
    private String selector = "";

    @Option(
            names = "--interface",
            paramLabel = "NAME",
            description =
                    "Of a load balancer: why this interface, of the same namespace or given as"
                            + " NAMESPACE/NAME, is a destination or not.")
    private String nic = "";

    DescribeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        RestClient client = platform.client(session);
        List<Resource> resources = resources(client);
        if (resources.isEmpty()) {
            session.console()
                    .message("No resources found in namespace " + platform.namespace() + ".");
        }
        return nic.isEmpty() ? describe(client, resources) : explain(client, resources);
    }

    private List<Resource> resources(RestClient client) {
        List<Resource> wanted =
                selector.isEmpty() ? Resource.parse(words) : Resource.parseKinds(words);
        return wanted.stream()
                .flatMap(one ->
                        one.isAll()
                                ? one.inAll(client, platform.namespace(), selector)
                                : Stream.of(one))
                .toList();
    }

    private int explain(RestClient client, List<Resource> resources) {
        for (Resource resource : resources) {
            if (!resource.kind().name().equals("LoadBalancer")) {
                throw new Failure(
                        "--interface is asked of a load balancer, not of a %s."
                                .formatted(resource.kind().singular()));
            }
            new Destinations(session.console(), client)
                    .explain(platform.namespace(), resource.name(), nic);
        }
        return 0;
    }

    private int describe(RestClient client, List<Resource> resources) {
        boolean first = true;
        for (Resource resource : resources) {
            JsonNode document =
                    Answers.required(
                            client.get(resource.kind(), platform.namespace(), resource.name()));
            if (!first) {
                session.console().data("");
            }
            first = false;
            new Description(session.console(), session.clock().instant()).print(document);
            if (resource.kind().name().equals("LoadBalancer")) {
                new Destinations(session.console(), client)
                        .print(platform.namespace(), resource.name());
            }
            if (resource.kind().name().equals("NetworkInterface")) {
                new PolicyRules(session.console())
                        .print(client, platform.namespace(), resource.name());
            }
            Answers.ifFound(client.events(resource.kind(), platform.namespace(), resource.name()))
                    .ifPresent(this::events);
        }
        return 0;
    }

    private void events(JsonNode events) {
        session.console().data("Events:");
        EventTable.of(events, session.clock().instant())
                .lines(session.console().palette())
                .forEach(line -> session.console().data("  " + line));
    }
}
