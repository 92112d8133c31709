package dev.openkcm.networking.kernel.rest;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Errors that are found before a request reaches a resource, as problem documents: the server
 * answers these with a status alone.
 */
@ApplicationScoped
class BeforeResources {

    /** Before the server itself looks at the length. */
    private static final int FIRST = 10_000;

    private final Optional<MemorySize> longest;

    BeforeResources(
            @ConfigProperty(name = "quarkus.http.limits.max-body-size", defaultValue = "10240K")
                    Optional<MemorySize> longest) {
        this.longest = longest;
    }

    void errors(@Observes Router router) {
        router.errorHandler(
                400,
                request ->
                        answer(
                                request,
                                400,
                                "BadRequest",
                                "the path or the query is not a valid URI; a % is written as %25"));
    }

    void lengths(@Observes Filters filters) {
        filters.register(this::length, FIRST);
    }

    private void length(RoutingContext request) {
        long limit = longest.map(MemorySize::asLongValue).orElse(Long.MAX_VALUE);
        if (announced(request) <= limit) {
            request.next();
            return;
        }
        // What is still to come is not read.
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        answer(
                request,
                413,
                "TooLarge",
                "a body may have %,d bytes (quarkus.http.limits.max-body-size)".formatted(limit));
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

    private static void answer(RoutingContext request, int status, String reason, String detail) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problems.TYPE)
                .end(Problems.document(status, reason, detail).toString());
    }
}
