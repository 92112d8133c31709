package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.streams.Kind;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The resources of the kinds that the service owns: documents, lists, histories and changes. */
@Path("/apis/networking.openkcm.dev/v1alpha1")
@Produces("application/json")
public class ResourceApi {

    private static final int MAX_PAGE = Listing.MAX_PAGE;
    private static final Duration READ_YOUR_WRITE = Duration.ofSeconds(10);

    private final ServiceRuntime runtime;
    private final Views views;
    private final Listing listing;
    private final Writes writes;
    private final Forwarding forwarding;
    private final Operations operations;

    ResourceApi(
            ServiceRuntime runtime,
            Views views,
            Listing listing,
            Writes writes,
            Forwarding forwarding,
            Operations operations) {
        this.runtime = runtime;
        this.views = views;
        this.listing = listing;
        this.writes = writes;
        this.forwarding = forwarding;
        this.operations = operations;
    }

    @GET
    @Path("namespaces/{namespace}/{plural}/{name}")
    @Operation(summary = "One resource, now, as of a time, or once it has reached a version")
    public Response get(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("minResourceVersion") @Nullable String minResourceVersion,
            @QueryParam("asOf") @Nullable String asOf,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        var key = new ResourceKey(namespace, name);
        return answer(plural, key, kind -> one(kind, key, minResourceVersion, asOf, headers, uri));
    }

    @GET
    @Path("{plural}/{name}")
    @Operation(summary = "One resource of the whole cluster")
    public Response get(
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("minResourceVersion") @Nullable String minResourceVersion,
            @QueryParam("asOf") @Nullable String asOf,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        var key = new ResourceKey("", name);
        return answer(plural, key, kind -> one(kind, key, minResourceVersion, asOf, headers, uri));
    }

    private Response one(
            Kind<?, ?, ?> kind,
            ResourceKey key,
            @Nullable String minResourceVersion,
            @Nullable String asOf,
            HttpHeaders headers,
            UriInfo uri)
            throws Views.NotReady, InterruptedException {
        var view = views.of(kind);
        if (asOf == null && minResourceVersion == null) {
            var here = view.here(key.toString());
            if (here.isPresent()) {
                return unlessKnown(here.get(), headers);
            }
        }
        var elsewhere = elsewhere(kind, key, "GET", headers, uri, new byte[0]);
        if (elsewhere.isPresent()) {
            return elsewhere.get();
        }
        if (asOf != null) {
            var time = time(asOf);
            return time.isEmpty()
                    ? badTime(asOf)
                    : view.asOf(key.toString(), time.get())
                            .map(ResourceApi::ok)
                            .orElse(missing(kind, key));
        }
        if (minResourceVersion != null) {
            if (!minResourceVersion.matches("[0-9]{1,18}")) {
                return Problems.badRequest("minResourceVersion must be a number");
            }
            long version = Long.parseLong(minResourceVersion);
            boolean reached =
                    view.await(
                            key.toString(),
                            d -> d.isPresent() && Documents.resourceVersion(d.get()) >= version,
                            READ_YOUR_WRITE);
            if (!reached) {
                return Problems.of(
                        504,
                        "Timeout",
                        "%s %s has not reached version %d".formatted(kind.name(), key, version));
            }
        }
        var document = view.document(key.toString());
        return document.isEmpty() ? missing(kind, key) : unlessKnown(document.get(), headers);
    }

    private static Response unlessKnown(ObjectNode document, HttpHeaders headers) {
        String tag = tag(document);
        return tag.equals(headers.getHeaderString("If-None-Match"))
                ? Response.notModified().header("ETag", tag).build()
                : ok(document);
    }

    private static Response ok(ObjectNode document) {
        return Response.ok(document.toString()).header("ETag", tag(document)).build();
    }

    static String tag(ObjectNode document) {
        return tag(Documents.resourceVersion(document));
    }

    static String tag(long resourceVersion) {
        return "\"" + resourceVersion + "\"";
    }

    private static Response missing(Kind<?, ?, ?> kind, ResourceKey key) {
        return Problems.notFound("%s %s does not exist".formatted(kind.name(), key));
    }

    @GET
    @Path("namespaces/{namespace}/{plural}")
    @Operation(summary = "The resources of a namespace")
    public Response list(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @QueryParam("labelSelector") @Nullable String selector,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("continue") @Nullable String token,
            @QueryParam("asOf") @Nullable String asOf,
            @Context HttpHeaders headers) {
        return answer(
                plural, null, kind -> page(kind, namespace, selector, limit, token, asOf, headers));
    }

    @GET
    @Path("{plural}")
    @Operation(summary = "The resources of all namespaces")
    public Response listAll(
            @PathParam("plural") String plural,
            @QueryParam("labelSelector") @Nullable String selector,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("continue") @Nullable String token,
            @QueryParam("asOf") @Nullable String asOf,
            @Context HttpHeaders headers) {
        return answer(
                plural, null, kind -> page(kind, null, selector, limit, token, asOf, headers));
    }

    private Response page(
            Kind<?, ?, ?> kind,
            @Nullable String namespace,
            @Nullable String selectorText,
            @Nullable String limitText,
            @Nullable String token,
            @Nullable String asOf,
            HttpHeaders headers)
            throws Views.NotReady {
        var selector = LabelSelector.parse(selectorText == null ? "" : selectorText);
        if (selector.isEmpty()) {
            return Problems.badRequest(
                    "labelSelector can't be read: " + Texts.quoted("" + selectorText));
        }
        if (limitText != null && !limitText.matches("[0-9]{1,9}")) {
            return Problems.badRequest(
                    "limit must be a whole number; a page has at most %d".formatted(MAX_PAGE));
        }
        // As in Kubernetes, zero is no limit; a page is a page all the same.
        int wanted = limitText == null ? 0 : Integer.parseInt(limitText);
        int limit = wanted == 0 ? MAX_PAGE : Math.min(MAX_PAGE, wanted);
        var after = Listing.after(token);
        if (after.isEmpty()) {
            return Problems.badRequest("continue must be taken from the list before");
        }
        var time = asOf == null ? Optional.<Instant>empty() : time(asOf);
        if (asOf != null && time.isEmpty()) {
            return badTime(asOf);
        }
        var query =
                new Listing.Query(
                        kind,
                        namespace,
                        selector.get(),
                        selectorText == null ? "" : selectorText,
                        after.get(),
                        limit,
                        time.orElse(null));
        var page =
                Forwarding.wasForwarded(headers) ? listing.here(query) : listing.everywhere(query);
        return Response.ok(listDocument(kind, page).toString()).build();
    }

    private static ObjectNode listDocument(Kind<?, ?, ?> kind, Listing.Page page) {
        var list = JsonNodeFactory.instance.objectNode();
        list.put("apiVersion", Kind.API_VERSION);
        list.put("kind", kind.name() + "List");
        var metadata = list.putObject("metadata");
        if (page.more()) {
            metadata.put("continue", Listing.token(Documents.key(page.items().getLast())));
        }
        list.putArray("items").addAll(page.items());
        return list;
    }

    @GET
    @Path("namespaces/{namespace}/{plural}/{name}/events")
    @Operation(summary = "Everything that happened to a resource, in order")
    public Response events(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        var key = new ResourceKey(namespace, name);
        return answer(plural, key, kind -> events(kind, key, headers, uri));
    }

    @GET
    @Path("{plural}/{name}/events")
    @Operation(summary = "Everything that happened to a resource of the whole cluster, in order")
    public Response events(
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        var key = new ResourceKey("", name);
        return answer(plural, key, kind -> events(kind, key, headers, uri));
    }

    private Response events(Kind<?, ?, ?> kind, ResourceKey key, HttpHeaders headers, UriInfo uri)
            throws Views.NotReady {
        var elsewhere = elsewhere(kind, key, "GET", headers, uri, new byte[0]);
        return elsewhere.isPresent() ? elsewhere.get() : history(kind, key);
    }

    private Response history(Kind<?, ?, ?> kind, ResourceKey key) throws Views.NotReady {
        var events = views.of(kind).history(key.toString());
        if (events.isEmpty()) {
            return Problems.notFound("%s %s never existed".formatted(kind.name(), key));
        }
        var list = JsonNodeFactory.instance.objectNode();
        list.put("apiVersion", Kind.API_VERSION);
        list.put("kind", "EventList");
        var items = list.putArray("items");
        events.forEach(e -> items.add(Documents.event(e)));
        return Response.ok(list.toString()).build();
    }

    @PUT
    @Path("namespaces/{namespace}/{plural}/{name}")
    @Operation(summary = "Create a resource, or replace its labels, annotations and spec")
    public Response put(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("dryRun") @Nullable String dryRun,
            byte[] body,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        return change(plural, new ResourceKey(namespace, name), body, dryRun, headers, uri);
    }

    @PUT
    @Path("{plural}/{name}")
    @Operation(summary = "Create a resource of the whole cluster, or replace what it says")
    public Response put(
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("dryRun") @Nullable String dryRun,
            byte[] body,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        return change(plural, new ResourceKey("", name), body, dryRun, headers, uri);
    }

    @DELETE
    @Path("{plural}/{name}")
    @Operation(summary = "Delete a resource of the whole cluster, once nothing needs it")
    public Response delete(
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("dryRun") @Nullable String dryRun,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        return change(plural, new ResourceKey("", name), null, dryRun, headers, uri);
    }

    @DELETE
    @Path("namespaces/{namespace}/{plural}/{name}")
    @Operation(summary = "Delete a resource, once nothing needs it")
    public Response delete(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("dryRun") @Nullable String dryRun,
            @Context HttpHeaders headers,
            @Context UriInfo uri) {
        return change(plural, new ResourceKey(namespace, name), null, dryRun, headers, uri);
    }

    private Response change(
            String plural,
            ResourceKey key,
            byte @Nullable [] body,
            @Nullable String dryRun,
            HttpHeaders headers,
            UriInfo uri) {
        return answer(
                plural,
                key,
                kind -> {
                    if (dryRun == null) {
                        return writes.publish(kind, key, body, headers, uri);
                    }
                    if (!dryRun.equals("All")) {
                        return Problems.badRequest("dryRun must be All");
                    }
                    byte[] sent = body == null ? new byte[0] : body;
                    String method = body == null ? "DELETE" : "PUT";
                    var elsewhere = elsewhere(kind, key, method, headers, uri, sent);
                    return elsewhere.isPresent()
                            ? elsewhere.get()
                            : writes.preview(kind, key, body, headers);
                });
    }

    @GET
    @Path("operations/{id}")
    @Operation(summary = "What became of a command that was published of late")
    public Response operation(@PathParam("id") String id) {
        var known = operations.find(id);
        if (known.isEmpty()) {
            return Problems.notFound("no command %s is known of late".formatted(Texts.quoted(id)));
        }
        var document = JsonNodeFactory.instance.objectNode();
        document.put("commandId", id);
        var result = known.get().result();
        document.put("status", result == null ? "Pending" : result.outcome().name());
        if (result != null) {
            document.set("result", Writes.result(result));
        }
        return Response.ok(document.toString()).build();
    }

    /** A question about resources of a kind. */
    @FunctionalInterface
    interface Question {
        Response ask(Kind<?, ?, ?> kind) throws Views.NotReady, InterruptedException;
    }

    /**
     * Answers a question about a kind that is served here.
     *
     * @param key of the resource, when it is about one
     */
    private Response answer(String plural, @Nullable ResourceKey key, Question question) {
        var kind = runtime.kindOf(plural);
        if (kind.isEmpty()) {
            return notServed(runtime, plural);
        }
        if (key != null && kind.get().naming().namespaced() == key.namespace().isEmpty()) {
            return Problems.notFound(
                    kind.get().naming().namespaced()
                            ? "%s live in namespaces: /namespaces/<namespace>/%s/<name>"
                                    .formatted(plural, plural)
                            : "%s belong to the whole cluster: /%s/<name>"
                                    .formatted(plural, plural));
        }
        try {
            return question.ask(kind.get());
        } catch (Views.NotReady moving) {
            return Problems.notReady("" + moving.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Problems.notReady("the service is stopping");
        }
    }

    static Response notServed(ServiceRuntime runtime, String plural) {
        String served =
                runtime.kinds().stream().map(Kind::plural).collect(Collectors.joining(", "));
        return Problems.notFound(
                "%s is not served here; this service has %s"
                        .formatted(Texts.quoted(plural), served));
    }

    private Optional<Response> elsewhere(
            Kind<?, ?, ?> kind,
            ResourceKey key,
            String method,
            HttpHeaders headers,
            UriInfo uri,
            byte[] body)
            throws Views.NotReady {
        return switch (views.of(kind).owner(key.toString())) {
            case Views.Owner.Here() -> Optional.empty();
            case Views.Owner.Unknown() ->
                    throw new Views.NotReady("it is not known yet who looks after " + key);
            case Views.Owner.Elsewhere(var host) -> {
                if (Forwarding.wasForwarded(headers)) {
                    throw new Views.NotReady("the resources are moving between instances");
                }
                yield Optional.of(forwarding.forward(host, method, uri, headers, body));
            }
        };
    }

    /** In a query a plus sign means a space, and few know to write that of an offset as %2B. */
    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text.replace(' ', '+')).toInstant());
        } catch (DateTimeParseException malformed) {
            return Optional.empty();
        }
    }

    private static Response badTime(String asOf) {
        return Problems.badRequest(
                "asOf must be a time such as 2026-01-31T12:00:00Z, is " + Texts.quoted(asOf));
    }
}
