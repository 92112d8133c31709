package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.manifest.Manifests;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kcm apply}: makes the platform want what manifests say. */
@Command(name = "apply", description = "Create or change resources from manifests, in any order.")
final class ApplyCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR|-",
            required = true,
            description =
                    "YAML or JSON with any number of documents; a folder with all below it; - for standard input.")
    private List<String> sources = List.of();

    @Option(
            names = "--dry-run",
            converter = DryRun.class,
            description = "Show what would happen; change nothing.")
    private boolean dryRun;

    ApplyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Manifests manifests = Manifests.read(sources, session.in(), platform.namespace());
        RestClient client = platform.client(session);
        boolean applied = new Application(session.console(), client, dryRun).applyAll(manifests);
        return applied ? 0 : 1;
    }
}
