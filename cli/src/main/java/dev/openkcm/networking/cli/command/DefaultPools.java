package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.client.Answer;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.client.Servers;
import dev.openkcm.networking.cli.client.UnreachableException;
import dev.openkcm.networking.cli.manifest.Manifest;
import dev.openkcm.networking.cli.manifest.Manifests;
import dev.openkcm.networking.deploy.ComponentStatus;
import java.time.Duration;
import java.util.List;

/** The public addresses that a local platform starts with. */
final class DefaultPools {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NOT_FOUND = 404;

    private DefaultPools() {}

    /** Creates the pools that are missing; one that a person changed is left alone. */
    static void ensure(Session session, List<ComponentStatus> components) {
        boolean served =
                components.stream()
                        .anyMatch(one ->
                                one.name().equals("vip-nat")
                                        && one.state() != ComponentStatus.State.NOT_BUILT);
        if (!served) {
            return;
        }
        var manifests =
                Manifests.read(
                        List.of(session.home().resolve("deploy/pools.yaml").toString()),
                        session.in(),
                        "default");
        var client = new RestClient(new Servers("", session.environment()), PATIENCE);
        try {
            for (Manifest pool : manifests.readable()) {
                boolean missing =
                        client.get(pool.kind(), "", pool.name()) instanceof Answer.Refused refused
                                && refused.problem().status() == NOT_FOUND;
                if (missing
                        && !(client.apply(pool.kind(), "", pool.name(), pool.document(), false)
                                instanceof Answer.Done)) {
                    session.console().message(pool.title() + " could not be created.");
                }
            }
        } catch (UnreachableException away) {
            session.console().message("The default AddressPools are missing: " + away.getMessage());
        }
    }
}
