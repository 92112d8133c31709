package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.CommandResult;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.ResultCodec;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands of late and their answers; every instance hears of all answers. */
@ApplicationScoped
public class Operations {

    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    /** How many commands are known at most: what comes in during some seconds of heavy load. */
    static final int REMEMBERED = 20_000;

    private final ServiceRuntime runtime;
    private final Map<String, CompletableFuture<Answer>> operations =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(
                        Map.@Nullable Entry<String, CompletableFuture<Answer>> eldest) {
                    return size() > REMEMBERED;
                }
            };

    /** As it was published: of most answers nobody here ever wants to know more. */
    private record Answer(String topic, byte[] result) {}

    Operations(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    /** Answers were published. */
    void answered(List<ConsumerRecord<byte[], byte[]>> results) {
        for (var result : results) {
            if (result.value() == null) {
                continue;
            }
            var answer = new Answer(result.topic(), result.value());
            commandId(result, answer).ifPresent(id -> operation(id).complete(answer));
        }
    }

    /** The header saves decoding the answer. */
    private Optional<String> commandId(ConsumerRecord<byte[], byte[]> result, Answer answer) {
        return CloudEventHeaders.text(result.headers(), CloudEventHeaders.CAUSED_BY)
                .or(() -> decoded(answer).map(CommandResult::commandId));
    }

    private Optional<CommandResult> decoded(Answer answer) {
        var type = dev.openkcm.networking.schemas.common.v1.CommandResult.class;
        try {
            var avro = runtime.decoder(type).deserialize(answer.topic(), answer.result());
            return Optional.of(ResultCodec.fromAvro(type.cast(avro)));
        } catch (SerializationException foreign) {
            LOG.warn("A record on {} is not an answer", answer.topic(), foreign);
            return Optional.empty();
        }
    }

    private CompletableFuture<Answer> operation(String commandId) {
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
        CompletableFuture<Answer> operation;
        synchronized (operations) {
            operation = operations.get(commandId);
        }
        if (operation == null) {
            return Optional.empty();
        }
        return operation.isDone()
                ? decoded(operation.join()).map(Known::new)
                : Optional.of(new Known(null));
    }

    Optional<CommandResult> await(String commandId, Duration limit) throws InterruptedException {
        try {
            return decoded(operation(commandId).get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
