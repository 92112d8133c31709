package dev.openkcm.networking.kernel.rest;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Tells of bodies that are too long as of other problems; the server answers with a status alone.
 */
@ApplicationScoped
class BodyLimit {

    /** Before the server itself looks at the length. */
    private static final int FIRST = 10_000;

    private final long limit;

    BodyLimit(
            @ConfigProperty(name = "quarkus.http.limits.max-body-size")
                    Optional<MemorySize> longest) {
        this.limit = longest.map(MemorySize::asLongValue).orElse(Long.MAX_VALUE);
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FIRST);
    }

    private void check(RoutingContext request) {
        if (announced(request) <= limit) {
            request.next();
            return;
        }
        var problem =
                Problems.document(
                        413,
                        "TooLarge",
                        String.format(
                                Locale.ROOT,
                                "a body may have %,d bytes (quarkus.http.limits.max-body-size)",
                                limit));
        request.response()
                .setStatusCode(413)
                // What is still to come is not read.
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problems.TYPE)
                .end(problem.toString());
    }

    private static long announced(RoutingContext request) {
        String length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            // Not a length: the server refuses it.
            return 0;
        }
    }
}
