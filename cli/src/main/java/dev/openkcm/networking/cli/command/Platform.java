package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.client.Servers;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options by which a command finds the services and the namespace it is about. */
final class Platform {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "Default: ${DEFAULT-VALUE}.")
    private String namespace = "default";

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "Ask this address for every kind, instead of KCM_SERVER_<SERVICE> or the local stack.")
    private String server = "";

    String namespace() {
        return namespace;
    }

    RestClient client(Session session) {
        return new RestClient(new Servers(server, session.environment()), PATIENCE);
    }
}
