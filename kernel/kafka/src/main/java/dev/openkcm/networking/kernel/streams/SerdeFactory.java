package dev.openkcm.networking.kernel.streams;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Gives the serde of a record type: Avro with a schema registry, in production. */
@FunctionalInterface
public interface SerdeFactory {

    <T extends SpecificRecord> Serde<T> of(Class<T> type);
}
