package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.Answer;
import dev.openkcm.networking.cli.client.Problem;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.manifest.Manifest;
import dev.openkcm.networking.cli.manifest.Manifests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm delete}: makes the platform want resources no more. */
@Command(
        name = "delete",
        description = "Delete resources, by name or by the manifests that made them.")
final class DeleteCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(paramLabel = "RESOURCE", description = "KIND NAME… or KIND/NAME…", arity = "0..*")
    private List<String> words = List.of();

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR|-",
            description = "Delete what these manifests name.")
    private List<String> sources = List.of();

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "All of a kind with these labels, such as app=web,tier!=test.")
    private String selector = "";

    @Option(names = "--all", description = "All of a kind in the namespace.")
    private boolean everything;

    @Option(names = "--wait", description = "Return once they are gone.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = TimeSpan.Converter.class,
            description = "With --wait: at most this long. Default: 60s.")
    private Duration timeout = Duration.ofSeconds(60);

    @Option(
            names = "--ignore-not-found",
            description = "What does not exist is as good as deleted.")
    private boolean ignoreNotFound;

    @Option(
            names = "--dry-run",
            converter = DryRun.class,
            description = "Show what would happen; change nothing.")
    private boolean dryRun;

    DeleteCommand(Session session) {
        this.session = session;
    }

    /** One resource and the namespace it is in. */
    private record Doomed(Resource resource, String namespace) {}

    @Override
    public Integer call() {
        if (words.isEmpty() == sources.isEmpty()) {
            throw new Failure("Name resources, or give manifests with -f.");
        }
        boolean all = true;
        List<Doomed> doomed = new ArrayList<>();
        RestClient client = platform.client(session);
        if (everything || !selector.isEmpty()) {
            selected(client).forEach(one -> doomed.add(new Doomed(one, platform.namespace())));
        } else if (sources.isEmpty()) {
            Resource.parseNamed(words)
                    .forEach(one -> doomed.add(new Doomed(one, platform.namespace())));
        } else {
            Manifests manifests = Manifests.read(sources, session.in(), platform.namespace());
            manifests
                    .unreadable()
                    .forEach(problem -> session.console().message("error: " + problem));
            all = manifests.unreadable().isEmpty();
            for (Manifest manifest : manifests.readable()) {
                doomed.add(
                        new Doomed(
                                new Resource(manifest.kind(), manifest.name()),
                                manifest.namespace()));
            }
        }
        List<Doomed> going = new ArrayList<>();
        for (Doomed one : doomed) {
            all &= delete(client, one, going);
        }
        if (wait && !dryRun) {
            for (Doomed one : going) {
                all &= awaitGone(client, one);
            }
        }
        return all ? 0 : 1;
    }

    private List<Resource> selected(RestClient client) {
        if (words.isEmpty() || everything != selector.isEmpty()) {
            throw new Failure("Give kinds with --all or -l, and no manifests.");
        }
        List<Resource> found =
                Resource.parseKinds(words).stream()
                        .flatMap(kind -> kind.inAll(client, platform.namespace(), selector))
                        .toList();
        if (found.isEmpty()) {
            session.console()
                    .message("No resources found in namespace " + platform.namespace() + ".");
        }
        return found;
    }

    private boolean delete(RestClient client, Doomed one, List<Doomed> going) {
        Resource resource = one.resource();
        Answer answer = client.delete(resource.kind(), one.namespace(), resource.name(), dryRun);
        if (Answers.isNotFound(answer)) {
            session.console()
                    .message((ignoreNotFound ? "" : "error: ") + resource.title() + " not found");
            return ignoreNotFound;
        }
        return switch (answer) {
            case Answer.Done(JsonNode body) when !dryRun && body.hasNonNull("document") -> {
                going.add(one);
                session.console().data(resource.title() + " deleting");
                reasons(body.path("document"));
                yield true;
            }
            case Answer.Done _ -> {
                session.console()
                        .data(resource.title() + " deleted" + (dryRun ? " (dry run)" : ""));
                yield true;
            }
            case Answer.Refused(Problem problem) -> {
                session.console().message(resource.title() + " not deleted:");
                problem.lines().forEach(line -> session.console().message("  " + line));
                yield false;
            }
            case Answer.Undecided(String operation) -> {
                session.console()
                        .message(
                                resource.title()
                                        + ": "
                                        + Answers.undecided(operation).getMessage());
                yield false;
            }
        };
    }

    private void reasons(JsonNode document) {
        String blockers = blockers(document);
        if (!blockers.isEmpty()) {
            session.console().message("  waits for " + blockers);
        }
    }

    private static String blockers(JsonNode document) {
        List<String> all = new ArrayList<>();
        for (JsonNode blocker : document.at("/status/blockers")) {
            all.add(Documents.text(blocker, "/kind") + " " + Documents.text(blocker, "/name"));
        }
        return String.join(", ", all);
    }

    private boolean awaitGone(RestClient client, Doomed one) {
        Resource resource = one.resource();
        boolean gone =
                Waiting.until(
                        timeout,
                        () ->
                                Answers.ifFound(
                                                client.get(
                                                        resource.kind(),
                                                        one.namespace(),
                                                        resource.name()))
                                        .isEmpty());
        if (gone) {
            session.console().data(resource.title() + " deleted");
        } else {
            session.console()
                    .message("error: timed out waiting for " + resource.title() + " to be gone");
        }
        return gone;
    }
}
