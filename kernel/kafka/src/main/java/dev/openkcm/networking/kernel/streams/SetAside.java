package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record that nobody can ever read is set aside with an error in the log; one whose schema can't
 * be fetched at the moment is tried again.
 */
public final class SetAside implements DeserializationExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SetAside.class);

    @Override
    public DeserializationHandlerResponse handle(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception failure) {
        boolean away = SchemaRegistryException.isUnavailable(failure);
        LOG.error(
                "The record at {}-{}-{} can't be read and is {}",
                record.topic(),
                record.partition(),
                record.offset(),
                away ? "tried again" : "set aside",
                failure);
        return away ? DeserializationHandlerResponse.FAIL : DeserializationHandlerResponse.CONTINUE;
    }

    @Override
    public void configure(Map<String, ?> configs) {}
}
