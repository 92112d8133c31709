package dev.openkcm.networking.kernel.rest;

import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** The group of the API is matched without regard to case, since documents spell it in capitals. */
class GroupCase {

    private static final Pattern GROUP =
            Pattern.compile("/apis/networking\\.openkcm\\.dev/", Pattern.CASE_INSENSITIVE);

    @ServerRequestFilter(preMatching = true)
    void lowerCase(ContainerRequestContext request) {
        var uri = request.getUriInfo().getRequestUri();
        String text = uri.toString();
        String same = GROUP.matcher(text).replaceFirst("/apis/networking.openkcm.dev/");
        if (!same.equals(text)) {
            request.setRequestUri(java.net.URI.create(same));
        }
    }
}
