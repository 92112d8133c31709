/** The Kafka Streams applications of the service. */
@NullMarked
package dev.openkcm.networking.policy.topology;

import org.jspecify.annotations.NullMarked;
