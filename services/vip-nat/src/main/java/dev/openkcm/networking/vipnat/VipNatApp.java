package dev.openkcm.networking.vipnat;

import dev.openkcm.networking.kernel.rest.ServiceDefinition;
import dev.openkcm.networking.kernel.rest.ServiceDefinition.Application;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.schemas.addresspool.v1.PublicAddressGrant;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.vipnat.topology.AddressPoolSurroundings;
import dev.openkcm.networking.vipnat.topology.NatGatewaySurroundings;
import dev.openkcm.networking.vipnat.topology.VipNatTopology;
import dev.openkcm.networking.vipnat.topology.VirtualIpSurroundings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** The only file that wires. */
final class VipNatApp {

    @Produces
    @Singleton
    ServiceDefinition definition(VipNatConfig config) {
        return ServiceDefinition.of(
                        VipNatTopology.virtualIps(),
                        VirtualIpSurroundings.recipe(),
                        VipNatTopology.topics(),
                        List.of(
                                new Application(
                                        VipNatTopology.ALLOCATE,
                                        (serdes, any) ->
                                                VipNatTopology.allocate(
                                                        config.addressQuarantine(), serdes, any)),
                                new Application(VipNatTopology.USERS, VipNatTopology::users),
                                new Application(
                                        VipNatTopology.SERVE,
                                        (serdes, any) ->
                                                VipNatTopology.serve(
                                                        config.portQuarantine(), serdes, any))))
                .and(VipNatTopology.natGateways(), NatGatewaySurroundings.recipe())
                .and(VipNatTopology.addressPools(), AddressPoolSurroundings.recipe())
                .publishing(TopicSpec.compacted(VipNatTopology.GRANTS), PublicAddressGrant.class)
                .publishing(TopicSpec.compacted(VipNatTopology.PORTS), NatPortRange.class)
                .publishing(TopicSpec.keptForEver(VipNatTopology.PORT_EVENTS), NatPortEvent.class);
    }
}
