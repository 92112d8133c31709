package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.registry.AvroToJson.Json;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers the plain request for one resource that is looked after here, on the thread that read the
 * request: it is a look into memory, which costs less than to hand it to somebody who may wait.
 *
 * <p>{@link ResourceApi} gets everything else, and would answer these in the same way.
 */
@Singleton
class PlainReads {

    private static final String ROOT = "/apis/networking.openkcm.dev/v1alpha1/";
    private static final String NAMESPACES = "namespaces/";

    private static final String IN_NAMESPACE = ROOT + "namespaces/{namespace}/{plural}/{name}";
    private static final String IN_CLUSTER = ROOT + "{plural}/{name}";
    private static final CharSequence JSON =
            HttpHeaders.createOptimized("application/json;charset=UTF-8");

    /** After who asks is known, and whether they may. */
    private static final int AFTER_AUTHORISATION = 10;

    /** Where the metrics look for what the request is counted as. */
    private static final String PATH_TEMPLATE = "UrlPathTemplate";

    private final Map<String, Rows> namespaced = new HashMap<>();
    private final Map<String, Rows> clusterWide = new HashMap<>();

    PlainReads(ServiceRuntime runtime, ServiceConfig config) {
        for (var kind : runtime.kinds()) {
            (kind.naming().namespaced() ? namespaced : clusterWide)
                    .put(kind.plural(), new Rows(runtime, config, kind));
        }
    }

    void register(@Observes Filters filters) {
        filters.register(
                context -> {
                    if (!answer(context.request())) {
                        context.next();
                    }
                },
                AFTER_AUTHORISATION);
    }

    void begin(@Observes ServiceRuntime.Started event) {
        namespaced.values().forEach(Rows::begin);
        clusterWide.values().forEach(Rows::begin);
    }

    private boolean answer(HttpServerRequest request) {
        String uri = request.uri();
        if (!HttpMethod.GET.equals(request.method()) || !uri.startsWith(ROOT) || !plain(request)) {
            return false;
        }
        var document = document(uri);
        if (document == null) {
            return false;
        }
        ((HttpServerRequestInternal) request)
                .context()
                .putLocal(
                        PATH_TEMPLATE,
                        uri.startsWith(NAMESPACES, ROOT.length()) ? IN_NAMESPACE : IN_CLUSTER);
        send(request, document);
        return true;
    }

    /**
     * What is at a path below the root of the API. One that says more than the key of a resource,
     * or spells it in another way, is taken for a key that nothing has.
     */
    @Nullable Json document(String uri) {
        boolean inNamespace = uri.startsWith(NAMESPACES, ROOT.length());
        int key = ROOT.length() + (inNamespace ? NAMESPACES.length() : 0);
        int plural = inNamespace ? uri.indexOf('/', key) + 1 : key;
        int name = uri.indexOf('/', plural) + 1;
        if (plural == 0 || name == 0) {
            return null;
        }
        var rows = (inNamespace ? namespaced : clusterWide).get(uri.substring(plural, name - 1));
        return rows == null
                ? null
                : rows.document(uri.substring(key, plural) + uri.substring(name));
    }

    /** Whether nothing in the headers asks for more than the document in JSON. */
    private static boolean plain(HttpServerRequest request) {
        var headers = request.headers();
        String accept = headers.get(HttpHeaders.ACCEPT);
        return (accept == null || accept.equals("*/*") || accept.equals("application/json"))
                && !headers.contains(HttpHeaders.CONTENT_LENGTH)
                && !headers.contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private static void send(HttpServerRequest request, Json document) {
        String tag = ResourceApi.tag(document.marked());
        var response = request.response().putHeader(HttpHeaders.ETAG, tag);
        if (tag.equals(request.getHeader(HttpHeaders.IF_NONE_MATCH))) {
            var _ = response.setStatusCode(304).end();
            return;
        }
        int length = document.length();
        var body = Buffer.buffer(length).appendBytes(document.bytes(), 0, length);
        var _ = response.putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(body);
    }
}
