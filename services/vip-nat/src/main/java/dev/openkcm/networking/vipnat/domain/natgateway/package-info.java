/** What a NATGateway is and how it behaves: plain Java. Start at NatGatewayDecider. */
@NullMarked
package dev.openkcm.networking.vipnat.domain.natgateway;

import org.jspecify.annotations.NullMarked;
