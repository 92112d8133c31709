/** The Kafka Streams applications of the service. Start at LoadBalancerTopology. */
@NullMarked
package dev.openkcm.networking.loadbalancer.topology;

import org.jspecify.annotations.NullMarked;
