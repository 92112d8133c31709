package dev.openkcm.networking.network;

import dev.openkcm.networking.kernel.rest.ServiceDefinition;
import dev.openkcm.networking.kernel.rest.ServiceDefinition.Application;
import dev.openkcm.networking.network.topology.IdRange;
import dev.openkcm.networking.network.topology.NetworkSurroundings;
import dev.openkcm.networking.network.topology.NetworkTopology;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** The only file that wires. */
final class NetworkApp {

    @Produces
    @Singleton
    ServiceDefinition definition(NetworkConfig config) {
        var ids = new IdRange(config.firstId(), config.lastId(), config.quarantine());
        return ServiceDefinition.of(
                NetworkTopology.kind(config.systemNamespace()),
                NetworkSurroundings.recipe(ids),
                NetworkTopology.topics(),
                List.of(new Application(NetworkTopology.OBSERVE, NetworkTopology::observe)));
    }
}
