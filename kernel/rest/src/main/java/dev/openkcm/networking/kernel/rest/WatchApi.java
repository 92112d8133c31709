package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The paths of {@link ResourceApi} with {@code watch=true}; {@link WatchRoute} leads here. */
@Path(WatchRoute.ROOT)
@Produces("text/event-stream")
@Blocking
public class WatchApi {

    private final ServiceRuntime runtime;
    private final ServiceConfig config;
    private final Listing listing;
    private final ChangeFeed feed;

    WatchApi(ServiceRuntime runtime, ServiceConfig config, Listing listing, ChangeFeed feed) {
        this.runtime = runtime;
        this.config = config;
        this.listing = listing;
        this.feed = feed;
    }

    @GET
    @Path("namespaces/{namespace}/{plural}/{name}")
    @Operation(summary = "One resource, and its changes; also there without /watch, by watch=true")
    public Multi<OutboundSseEvent> one(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("labelSelector") @Nullable String selector,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventHeader,
            @QueryParam("lastEventId") @Nullable String lastEventId,
            @Context Sse sse) {
        var scope = new Watch.Scope(namespace, name, selector(selector));
        var key = new ResourceKey(namespace, name);
        return watch(
                plural,
                scope,
                _ -> {
                    var found = listing.one(key);
                    var items =
                            found.items().stream()
                                    .filter(d -> scope.selector().matches(Documents.labels(d)))
                                    .toList();
                    return new Listing.Page(items, false);
                },
                lastEventHeader == null ? lastEventId : lastEventHeader,
                sse);
    }

    @GET
    @Path("namespaces/{namespace}/{plural}")
    @Operation(summary = "The resources of a namespace, and their changes")
    public Multi<OutboundSseEvent> list(
            @PathParam("namespace") String namespace,
            @PathParam("plural") String plural,
            @QueryParam("labelSelector") @Nullable String selector,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventHeader,
            @QueryParam("lastEventId") @Nullable String lastEventId,
            @Context Sse sse) {
        return many(
                namespace,
                plural,
                selector,
                lastEventHeader == null ? lastEventId : lastEventHeader,
                sse);
    }

    @GET
    @Path("{plural}")
    @Operation(summary = "The resources of all namespaces, and their changes")
    public Multi<OutboundSseEvent> listAll(
            @PathParam("plural") String plural,
            @QueryParam("labelSelector") @Nullable String selector,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventHeader,
            @QueryParam("lastEventId") @Nullable String lastEventId,
            @Context Sse sse) {
        return many(
                null,
                plural,
                selector,
                lastEventHeader == null ? lastEventId : lastEventHeader,
                sse);
    }

    private Multi<OutboundSseEvent> many(
            @Nullable String namespace,
            String plural,
            @Nullable String selectorText,
            @Nullable String lastEventId,
            Sse sse) {
        var selector = selector(selectorText);
        var query =
                new Listing.Query(
                        namespace,
                        selector,
                        selectorText == null ? "" : selectorText,
                        "",
                        Listing.MAX_PAGE,
                        null);
        return watch(
                plural,
                new Watch.Scope(namespace, null, selector),
                key -> listing.everywhere(query.after(key)),
                lastEventId,
                sse);
    }

    private Multi<OutboundSseEvent> watch(
            String plural,
            Watch.Scope scope,
            Watch.Pages pages,
            @Nullable String lastEventId,
            Sse sse) {
        if (!plural.equals(runtime.kind().plural())) {
            throw new Refusal(
                    Problems.notFound(
                            "%s is not served here; this service has %s"
                                    .formatted(Texts.quoted(plural), runtime.kind().plural())));
        }
        var watch = new Watch(feed, runtime.kind(), scope, sse);
        try {
            return lastEventId == null || lastEventId.isEmpty()
                    ? watch.fromList(pages)
                    : watch.resumed(lastEventId, config.partitions());
        } catch (Views.NotReady moving) {
            throw new Refusal(Problems.notReady("" + moving.getMessage()));
        }
    }

    private static LabelSelector selector(@Nullable String text) {
        return LabelSelector.parse(text == null ? "" : text)
                .orElseThrow(() ->
                        new Refusal(
                                Problems.badRequest(
                                        "labelSelector can't be read: "
                                                + Texts.quoted("" + text))));
    }
}
