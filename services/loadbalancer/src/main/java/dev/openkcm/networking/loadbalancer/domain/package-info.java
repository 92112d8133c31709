/** What a LoadBalancer is and how it behaves: plain Java. Start at LoadBalancerDecider. */
@NullMarked
package dev.openkcm.networking.loadbalancer.domain;

import org.jspecify.annotations.NullMarked;
