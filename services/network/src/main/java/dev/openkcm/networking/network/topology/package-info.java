/** The Kafka Streams applications of the service, and what decisions need beside the Network. */
@NullMarked
package dev.openkcm.networking.network.topology;

import org.jspecify.annotations.NullMarked;
