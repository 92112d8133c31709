package dev.openkcm.networking.loadbalancer;

import dev.openkcm.networking.kernel.rest.ServiceDefinition;
import dev.openkcm.networking.kernel.rest.ServiceDefinition.Application;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.loadbalancer.topology.LoadBalancerSurroundings;
import dev.openkcm.networking.loadbalancer.topology.LoadBalancerTopology;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** The only file that wires. */
final class LoadBalancerApp {

    @Produces
    @Singleton
    ServiceDefinition definition() {
        return ServiceDefinition.of(
                        LoadBalancerTopology.kind(),
                        LoadBalancerSurroundings.recipe(),
                        LoadBalancerTopology.topics(),
                        List.of(
                                new Application(
                                        LoadBalancerTopology.ROUTE, LoadBalancerTopology::route)))
                .publishing(
                        TopicSpec.compacted(LoadBalancerTopology.ROUTING),
                        LoadBalancerDestination.class);
    }
}
