package dev.openkcm.networking.networkinterface;

import dev.openkcm.networking.kernel.rest.ServiceDefinition;
import dev.openkcm.networking.kernel.rest.ServiceDefinition.Application;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.networkinterface.topology.InterfaceSurroundings;
import dev.openkcm.networking.networkinterface.topology.InterfaceTopology;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/** The only file that wires. */
final class InterfaceApp {

    @Produces
    @Singleton
    ServiceDefinition definition() {
        return ServiceDefinition.of(
                        InterfaceTopology.kind(),
                        InterfaceSurroundings.recipe(),
                        InterfaceTopology.topics(),
                        List.of(
                                new Application(
                                        InterfaceTopology.ADDRESSES, InterfaceTopology::addresses)))
                .publishing(TopicSpec.compacted(InterfaceTopology.MEMBERS), NetworkMember.class)
                .publishing(
                        TopicSpec.keptFor(InterfaceTopology.ANSWERS, Duration.ofDays(7)),
                        AddressAnswer.class);
    }
}
