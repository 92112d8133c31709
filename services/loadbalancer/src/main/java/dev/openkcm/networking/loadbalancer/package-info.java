/** The service that owns LoadBalancers, and the routing that follows from them. */
@NullMarked
package dev.openkcm.networking.loadbalancer;

import org.jspecify.annotations.NullMarked;
