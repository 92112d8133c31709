package dev.openkcm.networking.kernel.rest;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Leads requests with {@code watch=true} to {@link WatchApi}, whatever they accept. */
class WatchRoute {

    static final String ROOT = "/apis/networking.openkcm.dev/v1alpha1/watch";

    private static final Pattern WATCHED =
            Pattern.compile(
                    "/apis/networking\\.openkcm\\.dev/v1alpha1"
                            + "(/namespaces/[^/]+/[^/]+(?:/[^/]+)?|/[^/]+(?:/[^/]+)?)/?",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern WATCH = Pattern.compile("(?:.*&)?watch=(?:true|1)(?:&.*)?");

    @ServerRequestFilter(preMatching = true)
    void route(ContainerRequestContext request) {
        var uri = request.getUriInfo().getRequestUri();
        String query = uri.getRawQuery();
        if (!request.getMethod().equals("GET")
                || query == null
                || !WATCH.matcher(query).matches()) {
            return;
        }
        var watched = WATCHED.matcher(uri.getRawPath());
        if (watched.matches()) {
            String same = uri.toString();
            int path = same.indexOf(uri.getRawPath(), same.indexOf("//") + 2);
            request.setRequestUri(
                    java.net.URI.create(
                            same.substring(0, path) + ROOT + watched.group(1) + "?" + query));
            request.getHeaders().putSingle(HttpHeaders.ACCEPT, "text/event-stream");
        }
    }
}
