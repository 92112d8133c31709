package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import dev.openkcm.networking.cli.manifest.Manifest;
import dev.openkcm.networking.cli.manifest.Manifests;
import dev.openkcm.networking.cli.output.Console;
import dev.openkcm.networking.cli.output.ResourceTable;
import dev.openkcm.networking.deploy.DevStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kcm demo}: a small estate on the local platform, from nothing to settled. */
@Command(
        name = "demo",
        description =
                "Start the platform if needed, apply the sample estate and show what becomes of it.")
final class DemoCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Option(names = "--fresh", description = "Delete all data of earlier runs first.")
    private boolean fresh;

    DemoCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Console console = session.console();
        var stack = new DevStack(session.home(), new StackProgress(console));
        stack.up(fresh);
        DefaultPools.ensure(session, stack.status());
        Path samples = session.home().resolve("deploy/samples");
        Manifests manifests =
                Manifests.read(List.of(samples.toString()), session.in(), platform.namespace());
        RestClient client = platform.client(session);
        console.message("Applying " + samples + " …");
        if (!new Application(console, client, false).applyAll(manifests)) {
            return 1;
        }
        long begin = System.nanoTime();
        boolean settled =
                Waiting.until(
                        PATIENCE,
                        () -> manifests.readable().stream().allMatch(one -> settled(client, one)));
        console.data("");
        tables(client, manifests);
        if (!settled) {
            console.message(
                    "error: not everything has settled; see `kcm describe KIND NAME` for the reasons");
            return 1;
        }
        console.message(
                "Settled "
                        + Duration.ofNanos(System.nanoTime() - begin).toMillis()
                        + " ms after the last answer. Go on with `kcm describe network network-sample`,"
                        + " `kcm events network network-sample`, `kcm down`.");
        return 0;
    }

    private static boolean settled(RestClient client, Manifest manifest) {
        Optional<JsonNode> document =
                Answers.ifFound(client.get(manifest.kind(), manifest.namespace(), manifest.name()));
        return document.filter(DemoCommand::available).filter(DemoCommand::peered).isPresent();
    }

    private static boolean available(JsonNode document) {
        return Documents.text(document, "/status/state").equals("Available");
    }

    private static boolean peered(JsonNode document) {
        int bound = 0;
        for (JsonNode peering : document.at("/status/peerings")) {
            bound += peering.path("phase").asText().equals("Bound") ? 1 : 0;
        }
        return bound == document.at("/spec/peerings").size();
    }

    private void tables(RestClient client, Manifests manifests) {
        Set<Kind> applied =
                manifests.readable().stream().map(Manifest::kind).collect(Collectors.toSet());
        for (Kind kind : Kinds.ALL) {
            if (!applied.contains(kind)) {
                continue;
            }
            JsonNode list = Answers.required(client.list(kind, "", ""));
            new ResourceTable(kind, false, true)
                    .of(list.path("items"), session.clock().instant())
                    .lines(session.console().palette())
                    .forEach(session.console()::data);
            session.console().data("");
        }
    }
}
