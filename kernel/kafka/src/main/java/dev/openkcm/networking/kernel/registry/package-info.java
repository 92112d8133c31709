/**
 * Avro on Kafka in the Confluent wire format, with a client of the Schema Registry REST protocol.
 *
 * <p>Start reading at {@link dev.openkcm.networking.kernel.registry.AvroSerdes}.
 */
@NullMarked
package dev.openkcm.networking.kernel.registry;

import org.jspecify.annotations.NullMarked;
