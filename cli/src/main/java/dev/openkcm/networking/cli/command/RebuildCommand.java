package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.cli.client.Servers;
import dev.openkcm.networking.cli.client.UnreachableException;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm rebuild}: builds a service's views anew from the log. */
@Command(
        name = "rebuild",
        description = {
            "Build the views of a service anew from the log, while the old ones go on answering.",
            "Exit code 0 once they are in use and nothing differed, 1 otherwise."
        })
final class RebuildCommand implements Callable<Integer> {
    private static final String PATH = "/apis/networking.openkcm.dev/v1alpha1/rebuild";
    private static final Duration POLL = Duration.ofMillis(300);

    private final Session session;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    @Parameters(paramLabel = "SERVICE", description = "network, interface, vip-nat, …")
    private String service = "";

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "Ask this instance, which tells the others.")
    private String server = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = TimeSpan.Converter.class,
            description = "Stop watching after this long; the service goes on. Default: 10m.")
    private Duration timeout = Duration.ofMinutes(10);

    RebuildCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        Kind kind =
                Kinds.ALL.stream()
                        .filter(one -> one.service().equals(service))
                        .findFirst()
                        .orElseThrow(() ->
                                new Failure(
                                        "there is no service %s; there are %s"
                                                .formatted(service, services())));
        URI uri = URI.create(new Servers(server, session.environment()).baseUrl(kind) + PATH);
        HttpResponse<String> begun =
                send(HttpRequest.newBuilder(uri).POST(BodyPublishers.noBody()).build());
        if (begun.statusCode() != 202) {
            throw new Failure(text(begun, "detail"));
        }
        return watch(uri);
    }

    private int watch(URI uri) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        String shown = "";
        while (System.nanoTime() < deadline) {
            JsonNode progress = body(send(HttpRequest.newBuilder(uri).build()));
            String line = line(progress);
            if (!line.equals(shown)) {
                session.console().message(line);
                shown = line;
            }
            switch (progress.path("phase").asText()) {
                case "Switched" -> {
                    return conclude(progress);
                }
                case "Failed" -> throw new Failure(progress.path("failure").asText());
                default -> Thread.sleep(POLL);
            }
        }
        throw new Failure("the views are still being built; see GET " + uri);
    }

    private static String line(JsonNode progress) {
        String phase = progress.path("phase").asText();
        return phase.equals("Building")
                ? "building generation %d: %d of %d records to go"
                        .formatted(
                                progress.path("generation").asInt(),
                                progress.path("toRestore").asLong()
                                        - progress.path("restored").asLong(),
                                progress.path("toRestore").asLong())
                : phase.toLowerCase(java.util.Locale.ROOT);
    }

    private int conclude(JsonNode progress) {
        long differences = progress.path("differences").asLong();
        session.console()
                .data(
                        "%s: generation %d in use, %d rows compared, %d differed"
                                .formatted(
                                        service,
                                        progress.path("generation").asInt(),
                                        progress.path("compared").asLong(),
                                        differences));
        progress.path("different").forEach(row -> session.console().data("  " + row.asText()));
        return differences == 0 ? 0 : 1;
    }

    private static String services() {
        return Kinds.ALL.stream().map(Kind::service).distinct().collect(Collectors.joining(", "));
    }

    private String text(HttpResponse<String> response, String field) {
        String text = body(response).path(field).asText();
        return text.isEmpty() ? "the service answered " + response.statusCode() : text;
    }

    private JsonNode body(HttpResponse<String> response) {
        try {
            return json.readTree(response.body());
        } catch (IOException notJson) {
            return json.createObjectNode();
        }
    }

    private HttpResponse<String> send(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException away) {
            throw new UnreachableException(
                    "The service does not answer at " + request.uri() + ".", away);
        }
    }
}
