package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.streams.Kind;
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
    private final ChangeFeeds feeds;

    WatchApi(ServiceRuntime runtime, ServiceConfig config, Listing listing, ChangeFeeds feeds) {
        this.runtime = runtime;
        this.config = config;
        this.listing = listing;
        this.feeds = feeds;
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
        return one(
                plural,
                new ResourceKey(namespace, name),
                selector(selector),
                lastEventHeader == null ? lastEventId : lastEventHeader,
                sse);
    }

    @GET
    @Path("{plural}/{name}")
    @Operation(summary = "One resource of the whole cluster, and its changes")
    public Multi<OutboundSseEvent> one(
            @PathParam("plural") String plural,
            @PathParam("name") String name,
            @QueryParam("labelSelector") @Nullable String selector,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventHeader,
            @QueryParam("lastEventId") @Nullable String lastEventId,
            @Context Sse sse) {
        return one(
                plural,
                new ResourceKey("", name),
                selector(selector),
                lastEventHeader == null ? lastEventId : lastEventHeader,
                sse);
    }

    private Multi<OutboundSseEvent> one(
            String plural,
            ResourceKey key,
            LabelSelector selector,
            @Nullable String lastEventId,
            Sse sse) {
        var kind = kind(plural);
        return watch(
                kind,
                new Watch.Scope(key.namespace(), key.name(), selector),
                _ -> {
                    var found = listing.one(kind, key);
                    var items =
                            found.items().stream()
                                    .filter(d -> selector.matches(Documents.labels(d)))
                                    .toList();
                    return new Listing.Page(items, false);
                },
                lastEventId,
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
        var kind = kind(plural);
        var selector = selector(selectorText);
        var query =
                new Listing.Query(
                        kind,
                        namespace,
                        selector,
                        selectorText == null ? "" : selectorText,
                        "",
                        Listing.MAX_PAGE,
                        null);
        return watch(
                kind,
                new Watch.Scope(namespace, null, selector),
                key -> listing.everywhere(query.after(key)),
                lastEventId,
                sse);
    }

    private Kind<?, ?, ?> kind(String plural) {
        return runtime.kindOf(plural)
                .orElseThrow(() -> new Refusal(ResourceApi.notServed(runtime, plural)));
    }

    private Multi<OutboundSseEvent> watch(
            Kind<?, ?, ?> kind,
            Watch.Scope scope,
            Watch.Pages pages,
            @Nullable String lastEventId,
            Sse sse) {
        var watch = new Watch(feeds.of(kind), kind, scope, sse);
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
