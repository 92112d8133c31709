package dev.openkcm.networking.policy;

import dev.openkcm.networking.kernel.rest.ServiceDefinition;
import dev.openkcm.networking.kernel.rest.ServiceDefinition.Application;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.policy.topology.PolicySurroundings;
import dev.openkcm.networking.policy.topology.PolicyTopology;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.Rule;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** The only file that wires. */
final class PolicyApp {

    @Produces
    @Singleton
    ServiceDefinition definition() {
        return ServiceDefinition.of(
                        PolicyTopology.kind(),
                        PolicySurroundings.recipe(),
                        PolicyTopology.topics(),
                        List.of(
                                new Application(PolicyTopology.FEED, PolicyTopology::members),
                                new Application(PolicyTopology.COMPILE, PolicyTopology::compile)))
                .publishing(TopicSpec.compacted(PolicyTopology.RULES), Rule.class)
                .publishing(TopicSpec.compacted(PolicyTopology.GROUPS), GroupMember.class);
    }
}
