package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.Rejection;
import jakarta.ws.rs.core.Response;

/** Errors as RFC 9457 problem documents. */
public final class Problems {

    public static final String TYPE = "application/problem+json";

    private Problems() {}

    static ObjectNode document(int status, String reason, String detail) {
        var problem = JsonNodeFactory.instance.objectNode();
        problem.put("type", "about:blank");
        problem.put("title", title(status));
        problem.put("status", status);
        problem.put("detail", detail);
        problem.put("reason", reason);
        return problem;
    }

    /** With the type {@code about:blank}, the name of the status; Jakarta REST knows no 422. */
    static String title(int status) {
        var known = Response.Status.fromStatusCode(status);
        return status == 422
                ? "Unprocessable Content"
                : known == null ? "Error" : known.getReasonPhrase();
    }

    public static Response of(int status, String reason, String detail) {
        return response(status, document(status, reason, detail));
    }

    public static Response badRequest(String detail) {
        return of(400, "BadRequest", detail);
    }

    public static Response notFound(String detail) {
        return of(404, "NotFound", detail);
    }

    public static Response notReady(String detail) {
        return Response.fromResponse(of(503, "NotReady", detail)).header("Retry-After", 1).build();
    }

    /**
     * A refused command.
     *
     * @param conditional whether the request carried a precondition, so that a conflict about the
     *     version is its failure
     */
    public static Response of(Rejection rejection, boolean conditional) {
        boolean stale =
                rejection.causes().stream()
                        .anyMatch(c -> c.field().equals("metadata.resourceVersion"));
        int status =
                switch (rejection.reason()) {
                    case Invalid -> rejection.causes().isEmpty() ? 400 : 422;
                    case NotFound -> 404;
                    case Conflict -> conditional && stale ? 412 : 409;
                    case Forbidden -> 403;
                    case TooLarge -> 413;
                    case InternalError -> 500;
                };
        var problem = document(status, rejection.reason().name(), rejection.message());
        var causes = problem.putArray("causes");
        for (var cause : rejection.causes()) {
            causes.addObject()
                    .put("reason", cause.reason().name())
                    .put("field", cause.field())
                    .put("message", cause.message());
        }
        return response(status, problem);
    }

    private static Response response(int status, ObjectNode problem) {
        return Response.status(status).type(TYPE).entity(problem.toString()).build();
    }
}
