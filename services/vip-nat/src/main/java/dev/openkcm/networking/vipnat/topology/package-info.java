/** The Kafka Streams applications of the service. */
@NullMarked
package dev.openkcm.networking.vipnat.topology;

import org.jspecify.annotations.NullMarked;
