package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.CommandResult;
import dev.openkcm.networking.kernel.CommandResult.Outcome;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.Validation;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.rest.Preferences.Precondition;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.ManifestReader;
import dev.openkcm.networking.kernel.streams.ManifestReader.Manifest;
import dev.openkcm.networking.schemas.common.v1.Delete;
import io.quarkus.arc.All;
import io.smallrye.mutiny.TimeoutException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Changes: published as commands, or only tried. */
@Singleton
class Writes {

    private final ServiceRuntime runtime;
    private final Views views;
    private final Forwarding forwarding;
    private final CommandGateway gateway;
    private final Operations operations;
    private final List<Foresight> foresights;
    private final Map<Kind<?, ?, ?>, ManifestReader> manifests = new ConcurrentHashMap<>();

    Writes(
            ServiceRuntime runtime,
            Views views,
            Forwarding forwarding,
            CommandGateway gateway,
            Operations operations,
            @All List<Foresight> foresights) {
        this.runtime = runtime;
        this.views = views;
        this.forwarding = forwarding;
        this.gateway = gateway;
        this.operations = operations;
        this.foresights = foresights;
    }

    /** An action, or why there is none. */
    private sealed interface Wish {
        record Action(SpecificRecord avro, @Nullable Long expected, boolean conditional)
                implements Wish {}

        record Refused(Response response) implements Wish {}
    }

    private Wish wish(
            Kind<?, ?, ?> kind, ResourceKey key, byte @Nullable [] body, HttpHeaders headers) {
        var names = new Validation();
        names.key(key, kind.naming() == Kind.Naming.SUBDOMAIN_IN_NAMESPACE);
        if (names.failed()) {
            return new Wish.Refused(
                    Problems.of(Rejection.invalid(kind.name() + " " + key, names.causes()), false));
        }
        var precondition = Preferences.precondition(headers);
        if (precondition instanceof Precondition.Unreadable(var message)) {
            return new Wish.Refused(Problems.badRequest(message));
        }
        Long expected = precondition instanceof Precondition.Version(long version) ? version : null;
        if (body == null) {
            return new Wish.Action(new Delete(), expected, expected != null);
        }
        String type = headers.getHeaderString("Content-Type");
        var reader = manifests.computeIfAbsent(kind, ManifestReader::new);
        boolean yaml = type != null && type.contains("yaml");
        return switch (Manifests.read(reader, body, yaml, key)) {
            case Manifest.Read(var apply) -> new Wish.Action(apply, expected, expected != null);
            case Manifest.Refused(var rejection) -> new Wish.Refused(Problems.of(rejection, false));
        };
    }

    /** Publishes the command; waits for its outcome when the client prefers that. */
    Response publish(
            Kind<?, ?, ?> kind,
            ResourceKey key,
            byte @Nullable [] body,
            HttpHeaders headers,
            UriInfo uri)
            throws Views.NotReady, InterruptedException {
        return switch (wish(kind, key, body, headers)) {
            case Wish.Refused(var response) -> response;
            case Wish.Action action -> publish(kind, key, body == null, action, headers, uri);
        };
    }

    private Response publish(
            Kind<?, ?, ?> kind,
            ResourceKey key,
            boolean delete,
            Wish.Action action,
            HttpHeaders headers,
            UriInfo uri)
            throws Views.NotReady, InterruptedException {
        if (!runtime.started()) {
            throw new Views.NotReady("the service is starting; see /q/health");
        }
        String given = headers.getHeaderString("Idempotency-Key");
        String id = given == null || given.isBlank() ? UUID.randomUUID().toString() : given.strip();
        if (id.length() > 200) {
            return Problems.badRequest("Idempotency-Key must have at most 200 characters");
        }
        operations.begun(id);
        try {
            gateway.send(
                    new CommandGateway.Request(
                            kind, id, key, action.expected(), action.avro(), trace(headers)));
        } catch (KafkaException | TimeoutException | SchemaRegistryException away) {
            throw new Views.NotReady("the command can't be published: " + away.getMessage());
        }
        var wait = Preferences.wait(headers);
        if (wait.isPresent()) {
            var result = operations.await(id, wait.get());
            if (result.isPresent()) {
                return outcome(kind, key, delete, action, result.get(), wait.get(), uri);
            }
        }
        var pending = JsonNodeFactory.instance.objectNode();
        pending.put("commandId", id).put("status", "Pending");
        return Response.accepted(pending.toString())
                .location(
                        uri.getBaseUri()
                                .resolve(
                                        "apis/networking.openkcm.dev/v1alpha1/operations/"
                                                + Listing.encoded(id)))
                .build();
    }

    private static Map<String, String> trace(HttpHeaders headers) {
        var trace = new LinkedHashMap<String, String>();
        for (String name : new String[] {"traceparent", "tracestate"}) {
            String value = headers.getHeaderString(name);
            if (value != null) {
                trace.put(name, value);
            }
        }
        return trace;
    }

    private Response outcome(
            Kind<?, ?, ?> kind,
            ResourceKey key,
            boolean delete,
            Wish.Action action,
            CommandResult result,
            Duration wait,
            UriInfo uri)
            throws Views.NotReady, InterruptedException {
        if (result.rejection() != null) {
            return Problems.of(result.rejection(), action.conditional());
        }
        var document = settled(kind, key, delete, result, uri);
        var answer = JsonNodeFactory.instance.objectNode();
        answer.set("result", result(result));
        document.ifPresent(d -> answer.set("document", d));
        var response =
                Response.status(result.created() ? 201 : 200)
                        .entity(answer.toString())
                        .header("Preference-Applied", Preferences.applied(wait));
        document.ifPresent(
                d -> response.header("ETag", "\"%d\"".formatted(Documents.resourceVersion(d))));
        return response.build();
    }

    /** The document once the view has caught up with the command. */
    private Optional<JsonNode> settled(
            Kind<?, ?, ?> kind, ResourceKey key, boolean delete, CommandResult result, UriInfo uri)
            throws Views.NotReady, InterruptedException {
        long version = result.resourceVersion() == null ? 0 : result.resourceVersion();
        var limit = Duration.ofSeconds(5);
        var view = views.of(kind);
        if (view.owner(key.toString()) instanceof Views.Owner.Elsewhere(var host)) {
            String path = uri.getRequestUri().getRawPath();
            return forwarding.settled(host, path, delete ? -1 : version);
        }
        if (delete) {
            view.await(key.toString(), d -> d.isEmpty() || Documents.deleting(d.get()), limit);
        } else {
            view.await(
                    key.toString(),
                    d -> d.isPresent() && Documents.resourceVersion(d.get()) >= version,
                    limit);
        }
        return view.document(key.toString()).map(d -> (JsonNode) d);
    }

    /** Decides over the present state; nothing is published. */
    Response preview(
            Kind<?, ?, ?> kind, ResourceKey key, byte @Nullable [] body, HttpHeaders headers)
            throws Views.NotReady {
        return switch (wish(kind, key, body, headers)) {
            case Wish.Refused(var response) -> response;
            case Wish.Action action -> decide(kind, key, body == null, action);
        };
    }

    private <S, C, E> Response decide(
            Kind<S, C, E> kind, ResourceKey key, boolean delete, Wish.Action action)
            throws Views.NotReady {
        var present = views.of(kind).state(key.toString());
        S state = present.isEmpty() ? kind.decider().absent() : kind.codec().state(present.get());
        C payload = delete ? kind.codec().delete() : kind.codec().apply(action.avro());
        var command =
                new Command<>(
                        "preview",
                        key,
                        action.expected(),
                        false,
                        Instant.now().truncatedTo(ChronoUnit.MILLIS), // As fine as the log has it.
                        UUID.randomUUID(),
                        null,
                        payload);
        var handled =
                new CommandHandler<>(kind.decider())
                        .handle(new Snapshot<>(state, Instant.EPOCH), command);
        var result = handled.result();
        if (result != null && result.rejection() != null) {
            return Problems.of(result.rejection(), action.conditional());
        }
        var answer = JsonNodeFactory.instance.objectNode();
        answer.put("outcome", (result == null ? Outcome.Unchanged : result.outcome()).name());
        answer.put("dryRun", true);
        var events = answer.putArray("events");
        handled.events().forEach(e -> events.add(Documents.event(kind.codec().event(e))));
        var after = handled.snapshot().state();
        if (kind.decider().meta(after) != null) {
            answer.set("document", AvroJson.document(kind, kind.codec().state(after)));
        }
        foresights.forEach(f -> f.add(kind, key, state, after, answer));
        return Response.ok(answer.toString()).build();
    }

    static ObjectNode result(CommandResult result) {
        var shown = JsonNodeFactory.instance.objectNode();
        shown.put("commandId", result.commandId());
        shown.put("outcome", result.outcome().name());
        if (result.uid() != null) {
            shown.put("uid", result.uid().toString());
        }
        if (result.resourceVersion() != null) {
            shown.put("resourceVersion", Long.toString(result.resourceVersion()));
        }
        shown.put("created", result.created());
        if (result.rejection() != null) {
            shown.put("reason", result.rejection().reason().name());
            shown.put("message", result.rejection().message());
            var causes = shown.putArray("causes");
            result.rejection()
                    .causes()
                    .forEach(c ->
                            causes.addObject()
                                    .put("reason", c.reason().name())
                                    .put("field", c.field())
                                    .put("message", c.message()));
        }
        return shown;
    }
}
