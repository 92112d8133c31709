/** Where the domain of LoadBalancers and its Avro records meet. */
@NullMarked
package dev.openkcm.networking.loadbalancer.codec;

import org.jspecify.annotations.NullMarked;
