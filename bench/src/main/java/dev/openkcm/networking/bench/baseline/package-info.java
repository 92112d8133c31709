/** What Kafka itself can do: the limits the services are measured against. */
@NullMarked
package dev.openkcm.networking.bench.baseline;

import org.jspecify.annotations.NullMarked;
