package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm wait}: returns once resources are as one wants them. */
@Command(name = "wait", description = "Wait until resources are as you want them, or gone.")
final class WaitCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private Platform platform = new Platform();

    @Parameters(paramLabel = "KIND/NAME…", arity = "1..*")
    private List<String> words = List.of();

    @Option(
            names = "--for",
            required = true,
            paramLabel = "GOAL",
            description = "condition=Available, state=Available, status.state=Available or delete.")
    private String goal = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = TimeSpan.Converter.class,
            description = "At most this long. Default: 30s.")
    private Duration timeout = Duration.ofSeconds(30);

    @Option(names = "--all", description = "All resources of the kind in the namespace.")
    private boolean all;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description = "All resources of the kind with these labels.")
    private String selector = "";

    WaitCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Goal wanted = Goal.parse(goal);
        RestClient client = platform.client(session);
        long deadline = System.nanoTime() + timeout.toNanos();
        boolean reached = true;
        for (Resource resource : resources(client, wanted)) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            reached &= await(client, resource, wanted, left);
        }
        return reached ? 0 : 1;
    }

    private boolean await(RestClient client, Resource resource, Goal wanted, Duration left) {
        List<JsonNode> last = new ArrayList<>(1);
        boolean reached =
                Waiting.until(
                        left,
                        () -> {
                            Optional<JsonNode> document =
                                    Answers.ifFound(
                                            client.get(
                                                    resource.kind(),
                                                    platform.namespace(),
                                                    resource.name()));
                            last.clear();
                            document.ifPresent(last::add);
                            return wanted.reached(document);
                        });
        if (reached) {
            session.console()
                    .data(
                            resource.title()
                                    + (wanted instanceof Goal.Gone
                                            ? " deleted"
                                            : " condition met"));
        } else {
            String now = last.isEmpty() ? "not found" : state(last.getFirst());
            session.console()
                    .message(
                            "error: timed out waiting for "
                                    + goal
                                    + " on "
                                    + resource.title()
                                    + " ("
                                    + now
                                    + ")");
        }
        return reached;
    }

    private List<Resource> resources(RestClient client, Goal wanted) {
        if (!all && selector.isEmpty()) {
            return Resource.parseNamed(words);
        }
        List<Resource> found =
                Resource.parseKinds(words).stream()
                        .flatMap(kind -> kind.inAll(client, platform.namespace(), selector))
                        .toList();
        if (found.isEmpty() && !(wanted instanceof Goal.Gone)) {
            throw new Failure(
                    "There is nothing to wait for in namespace %s."
                            .formatted(platform.namespace()));
        }
        return found;
    }

    private static String state(JsonNode document) {
        String reason = Documents.reason(document);
        String state = Documents.text(document, "/status/state");
        return reason.isEmpty() ? state : state + ", " + reason;
    }
}
