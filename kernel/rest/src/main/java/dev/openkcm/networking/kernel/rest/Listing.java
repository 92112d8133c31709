package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Kind;
import jakarta.inject.Singleton;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lists resources, over all instances or here alone. */
@Singleton
class Listing {

    static final int MAX_PAGE = 500;

    private static final String ROOT = "/apis/networking.openkcm.dev/v1alpha1/";

    /**
     * What to list.
     *
     * @param kind of the resources
     * @param namespace null for all
     * @param selectorText what the selector was read from
     * @param after the last key of the page before; empty for the first page
     * @param asOf null for now
     */
    record Query(
            Kind<?, ?, ?> kind,
            @Nullable String namespace,
            LabelSelector selector,
            String selectorText,
            String after,
            int limit,
            @Nullable Instant asOf) {

        Query after(String key) {
            return new Query(kind, namespace, selector, selectorText, key, limit, asOf);
        }
    }

    /**
     * Documents by key.
     *
     * @param more whether others follow
     */
    record Page(List<ObjectNode> items, boolean more) {

        private static Page of(List<ObjectNode> items, int limit, boolean more) {
            return new Page(
                    List.copyOf(items.subList(0, Math.min(limit, items.size()))),
                    more || items.size() > limit);
        }
    }

    private final Views views;
    private final Forwarding forwarding;

    Listing(Views views, Forwarding forwarding) {
        this.views = views;
        this.forwarding = forwarding;
    }

    /** What this instance looks after. */
    Page here(Query query) throws Views.NotReady {
        return Page.of(local(query), query.limit(), false);
    }

    /** All instances or none: a list that leaves something out would be a lie. */
    Page everywhere(Query query) throws Views.NotReady {
        var items = new ArrayList<>(local(query));
        boolean more = false;
        for (var host : views.of(query.kind()).others()) {
            var answer = forwarding.ask(host, path(query)).orElseThrow(() -> moving());
            for (var item : answer.path("items")) {
                items.add((ObjectNode) item);
            }
            more |= answer.path("metadata").has("continue");
        }
        items.sort(Comparator.comparing(Documents::key));
        return Page.of(items, query.limit(), more);
    }

    /** The resource, as a page of one or none. */
    Page one(Kind<?, ?, ?> kind, ResourceKey key) throws Views.NotReady {
        var view = views.of(kind);
        var document =
                switch (view.owner(key.toString())) {
                    case Views.Owner.Here() -> view.document(key.toString());
                    case Views.Owner.Elsewhere(var host) ->
                            forwarding
                                    .ask(
                                            host,
                                            path(kind, key.namespace()) + "/" + encoded(key.name()))
                                    .map(ObjectNode.class::cast);
                    case Views.Owner.Unknown() -> throw moving();
                };
        return new Page(document.stream().toList(), false);
    }

    /** What the parameter {@code continue} carries. */
    static String token(String key) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    /** The key in such a token. */
    static Optional<String> after(@Nullable String token) {
        if (token == null || token.isEmpty()) {
            return Optional.of("");
        }
        try {
            String key = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            return key.matches("[a-z0-9./-]+") ? Optional.of(key) : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private List<ObjectNode> local(Query query) throws Views.NotReady {
        var view = views.of(query.kind());
        var asOf = query.asOf();
        int limit = query.limit() + 1;
        return asOf == null
                ? view.list(query.namespace(), query.selector(), query.after(), limit)
                : view.listAsOf(query.namespace(), query.selector(), query.after(), limit, asOf);
    }

    private static String path(Query query) {
        return path(query.kind(), query.namespace())
                + "?limit=%d&labelSelector=%s&continue=%s"
                        .formatted(
                                query.limit(),
                                encoded(query.selectorText()),
                                query.after().isEmpty() ? "" : token(query.after()))
                + (query.asOf() == null ? "" : "&asOf=" + query.asOf());
    }

    private static String path(Kind<?, ?, ?> kind, @Nullable String namespace) {
        String within =
                namespace == null || namespace.isEmpty()
                        ? ""
                        : "namespaces/" + encoded(namespace) + "/";
        return ROOT + within + kind.plural();
    }

    /** As a segment of a path or the value of a parameter. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Views.NotReady moving() {
        return new Views.NotReady("the resources are moving between instances");
    }
}
