/** The Kafka Streams applications of the service. */
@NullMarked
package dev.openkcm.networking.networkinterface.topology;

import org.jspecify.annotations.NullMarked;
