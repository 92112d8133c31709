package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.Answer;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.client.Servers;
import dev.openkcm.networking.cli.client.UnreachableException;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.output.Table;
import dev.openkcm.networking.cli.verify.Difference;
import dev.openkcm.networking.cli.verify.PublicLog;
import dev.openkcm.networking.cli.verify.Tally;
import dev.openkcm.networking.cli.verify.Verification;
import dev.openkcm.networking.deploy.StackPorts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kcm verify}: does all that is shown follow from the log? */
@Command(
        name = "verify",
        description = {
            "Read the log from its beginning, compute everything anew, and compare.",
            "Exit code 0 when all agrees, 1 when something differs, 2 when it could not be checked."
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int DIFFERENT = 1;
    private static final int UNCHECKED = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Session session;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT,…",
            description = "The brokers. Default: KAFKA_BOOTSTRAP_SERVERS or the local stack.")
    private String bootstrapServers = "";

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties for the Kafka client, as for Kafka's own tools.")
    private @Nullable Path commandConfig;

    @Option(
            names = "--instance",
            paramLabel = "SERVICE=URL",
            description =
                    "Compare what this instance answers; give it once per instance. Default: one per service.")
    private List<String> instances = List.of();

    @Option(
            names = "--settle",
            paramLabel = "TIME",
            converter = TimeSpan.Converter.class,
            description = "How long the log must rest before what differs counts. Default: 10s.")
    private Duration settle = Duration.ofSeconds(10);

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = TimeSpan.Converter.class,
            description = "How long to wait for the log to rest. Default: 5m.")
    private Duration timeout = Duration.ofMinutes(5);

    /** Whether something was still under way at the end. */
    private boolean moving;

    @Option(names = "--no-rest", description = "Compare topics only.")
    private boolean topicsOnly;

    @Option(
            names = "--network-ids",
            paramLabel = "FIRST..LAST",
            description = "The ids Networks may have. Default: 200..16777215.")
    private String networkIds = "";

    @Option(
            names = "--max-differences",
            paramLabel = "N",
            description = "Print at most so many per check. Default: 20.")
    private int shownDifferences = 20;

    VerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        // Nobody reads a log of the Kafka client here, and its absence is no news either.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        Verification verification = new Verification(ids());
        try (PublicLog log = new PublicLog(client(), registry(), verification.topics())) {
            List<Tally> report = settled(log, verification);
            if (log.topics() == 0) {
                session.console().message("error: there are no topics of the platform to verify");
                return UNCHECKED;
            }
            return print(report, log.topics());
        } catch (KafkaException | UnreachableException | Failure away) {
            session.console().message("error: not verified: " + away.getMessage());
            return UNCHECKED;
        }
    }

    /** What differs only because it is under way agrees once the log rests. */
    private List<Tally> settled(PublicLog log, Verification verification)
            throws InterruptedException {
        long read = log.catchUp(PATIENCE, verification::take);
        session.console().message("%d records read".formatted(read));
        long deadline = System.nanoTime() + timeout.toNanos();
        long rests = System.nanoTime();
        while (true) {
            List<Tally> report = verification.report(shown(verification));
            long now = System.nanoTime();
            moving = now - rests < settle.toNanos();
            if (!differs(report) || !moving || now > deadline) {
                return report;
            }
            Thread.sleep(PAUSE);
            if (log.catchUp(PATIENCE, verification::take) > 0) {
                rests = System.nanoTime();
            }
        }
    }

    private static boolean differs(List<Tally> report) {
        return report.stream().anyMatch(tally -> !tally.differences().isEmpty());
    }

    private List<Verification.Shown> shown(Verification verification) {
        List<Verification.Shown> shown = new ArrayList<>();
        if (topicsOnly) {
            return shown;
        }
        for (Kind kind : verification.kinds()) {
            for (String address : addresses(kind)) {
                RestClient client =
                        new RestClient(new Servers(address, session.environment()), PATIENCE);
                Answer answer = client.list(kind, "", "");
                List<JsonNode> documents = new ArrayList<>();
                Answers.required(answer).path("items").forEach(documents::add);
                String name =
                        address.isEmpty()
                                ? new Servers("", session.environment()).baseUrl(kind)
                                : address;
                shown.add(new Verification.Shown(kind, name, documents));
            }
        }
        return shown;
    }

    private List<String> addresses(Kind kind) {
        List<String> given =
                instances.stream()
                        .filter(one -> one.startsWith(kind.service() + "="))
                        .map(one -> one.substring(one.indexOf('=') + 1))
                        .toList();
        return given.isEmpty() ? List.of("") : given;
    }

    private Verification.IdRange ids() {
        if (networkIds.isEmpty()) {
            return Verification.IdRange.STANDARD;
        }
        if (!networkIds.matches("[0-9]{1,9}\\.\\.[0-9]{1,9}")) {
            throw new Failure("--network-ids must be FIRST..LAST, but is " + networkIds);
        }
        int dots = networkIds.indexOf("..");
        return new Verification.IdRange(
                Integer.parseInt(networkIds.substring(0, dots)),
                Integer.parseInt(networkIds.substring(dots + 2)));
    }

    private Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>();
        Path file = commandConfig;
        if (file != null) {
            Properties properties = new Properties();
            try (InputStream in = Files.newInputStream(file)) {
                properties.load(in);
            } catch (IOException e) {
                throw new Failure("cannot read " + file, e);
            }
            properties.forEach((key, value) -> settings.put(key.toString(), value));
        }
        String named = session.environment().getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "");
        String local = "localhost:" + StackPorts.STANDARD.broker();
        if (!bootstrapServers.isEmpty()) {
            settings.put("bootstrap.servers", bootstrapServers);
        } else if (!settings.containsKey("bootstrap.servers")) {
            settings.put("bootstrap.servers", named.isEmpty() ? local : named);
        }
        return settings;
    }

    private String registry() {
        return session.environment()
                .getOrDefault("SCHEMA_REGISTRY_URL", StackPorts.STANDARD.registryUrl());
    }

    private int print(List<Tally> report, int topics) {
        Table table = new Table(List.of("check", "checked", "differences"));
        long differences = 0;
        for (Tally tally : report) {
            differences += tally.differences().size();
            table.add(
                    List.of(
                            tally.check(),
                            String.valueOf(tally.checked()),
                            String.valueOf(tally.differences().size())));
        }
        table.lines(session.console().palette()).forEach(session.console()::data);
        for (Tally tally : report) {
            if (!tally.differences().isEmpty()) {
                session.console().data("");
                session.console().data(tally.check() + ":");
                tally.differences().stream()
                        .limit(shownDifferences)
                        .map(Difference::line)
                        .forEach(line -> session.console().data("  " + line));
                int more = tally.differences().size() - shownDifferences;
                if (more > 0) {
                    session.console().data("  and %d more".formatted(more));
                }
            }
        }
        session.console().data("");
        if (differences == 0) {
            session.console().data("Everything in %d topics agrees.".formatted(topics));
            return 0;
        }
        session.console().data("%d differences.".formatted(differences));
        boolean lasting =
                report.stream()
                        .anyMatch(tally -> tally.lasting() && !tally.differences().isEmpty());
        if (moving && !lasting) {
            session.console().message("The log still moves: they may only be under way.");
            return UNCHECKED;
        }
        return DIFFERENT;
    }
}
