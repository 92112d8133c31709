/** The service that owns VirtualIPs, NATGateways and AddressPools. */
@NullMarked
package dev.openkcm.networking.vipnat;

import org.jspecify.annotations.NullMarked;
