/**
 * Deciding and viewing on Kafka Streams: the same topologies for every kind of resource.
 *
 * <p>A service calls this package with its {@link dev.openkcm.networking.kernel.streams.Kind};
 * nothing here is to be extended.
 */
@NullMarked
package dev.openkcm.networking.kernel.streams;

import org.jspecify.annotations.NullMarked;
