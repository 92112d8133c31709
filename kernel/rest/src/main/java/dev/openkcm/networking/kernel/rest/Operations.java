package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.CommandResult;
import dev.openkcm.networking.kernel.streams.ResultCodec;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands of late and their answers; every instance hears of all answers. */
@ApplicationScoped
public class Operations {

    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);
    private static final int REMEMBERED = 100_000;

    private final ServiceRuntime runtime;
    private final Map<String, CompletableFuture<CommandResult>> operations =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(
                        Map.@Nullable Entry<String, CompletableFuture<CommandResult>> eldest) {
                    return size() > REMEMBERED;
                }
            };

    Operations(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    /** An answer was published. */
    @Incoming("results")
    @Blocking(ordered = true)
    void answered(ConsumerRecord<byte[], byte[]> result) {
        try {
            var avro =
                    (dev.openkcm.networking.schemas.common.v1.CommandResult)
                            runtime.decoder(
                                            dev.openkcm.networking.schemas.common.v1.CommandResult
                                                    .class)
                                    .deserialize(result.topic(), result.value());
            operation(avro.getCommandId()).complete(ResultCodec.fromAvro(avro));
        } catch (SerializationException foreign) {
            LOG.warn("A record on {} is not an answer", result.topic(), foreign);
        }
    }

    private CompletableFuture<CommandResult> operation(String commandId) {
        synchronized (operations) {
            return operations.computeIfAbsent(commandId, _ -> new CompletableFuture<>());
        }
    }

    /** Remembers that a command is on its way. */
    void begun(String commandId) {
        var _ = operation(commandId);
    }

    /** A command that is known here: its answer, once there is one. */
    record Known(@Nullable CommandResult result) {}

    /** Empty when nothing is known of such a command, here and of late. */
    Optional<Known> find(String commandId) {
        synchronized (operations) {
            return Optional.ofNullable(operations.get(commandId))
                    .map(o -> new Known(o.isDone() ? o.join() : null));
        }
    }

    Optional<CommandResult> await(String commandId, Duration limit) throws InterruptedException {
        try {
            return Optional.of(operation(commandId).get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
