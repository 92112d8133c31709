package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Kind;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jspecify.annotations.Nullable;

/** Publishes commands that came in over HTTP. */
@ApplicationScoped
public class CommandGateway {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ServiceRuntime runtime;
    private final MutinyEmitter<byte[]> commands;

    CommandGateway(ServiceRuntime runtime, @Channel("commands") MutinyEmitter<byte[]> commands) {
        this.runtime = runtime;
        this.commands = commands;
    }

    /**
     * What is asked for.
     *
     * @param action the Avro record of an apply, or of a deletion
     * @param trace headers of the request that travel on
     */
    record Request(
            Kind<?, ?, ?> kind,
            String commandId,
            ResourceKey key,
            @Nullable Long expectedResourceVersion,
            SpecificRecord action,
            Map<String, String> trace) {}

    /** Returns once the broker has the command. */
    void send(Request request) {
        var kind = request.kind();
        var type = kind.codec().commandType();
        var data = new SpecificData(type.getClassLoader());
        var schema = data.getSchema(type);
        var command = (SpecificRecord) data.newRecord(null, schema);
        command.put(schema.getField("commandId").pos(), request.commandId());
        command.put(
                schema.getField("expectedResourceVersion").pos(),
                request.expectedResourceVersion());
        command.put(schema.getField("dryRun").pos(), false);
        command.put(schema.getField("action").pos(), request.action());
        var headers = new RecordHeaders();
        headers(request, schema.getName())
                .forEach((k, v) -> headers.add(k, v.getBytes(StandardCharsets.UTF_8)));
        var metadata =
                OutgoingKafkaRecordMetadata.builder()
                        .withTopic(kind.commands())
                        .withKey(request.key().toString())
                        .withHeaders(headers)
                        .build();
        commands.sendMessage(
                        Message.of(runtime.encode(kind.commands(), command)).addMetadata(metadata))
                .await()
                .atMost(LIMIT);
    }

    private Map<String, String> headers(Request request, String type) {
        var headers = new LinkedHashMap<>(request.trace());
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", request.commandId());
        headers.put("ce_source", "/openkcm/%s/rest".formatted(request.kind().entity()));
        headers.put("ce_type", "dev.openkcm.networking.%s.v1".formatted(type));
        headers.put("ce_time", Instant.now().toString());
        headers.put("ce_subject", request.key().toString());
        headers.put("content-type", "application/avro");
        return headers;
    }
}
