package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.apache.kafka.common.errors.SerializationException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong is told as a problem document, without a stack trace. */
class ErrorMappers {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorMappers.class);

    @ServerExceptionMapper
    Response http(WebApplicationException failure) {
        int status = failure.getResponse().getStatus();
        var problem = Problems.of(status, reason(status), detail(failure));
        String allow = failure.getResponse().getHeaderString(HttpHeaders.ALLOW);
        return allow == null
                ? problem
                : Response.fromResponse(problem).header(HttpHeaders.ALLOW, allow).build();
    }

    /** As Kubernetes spells reasons: {@code MethodNotAllowed}. */
    private static String reason(int status) {
        return Problems.title(status).replace(" ", "");
    }

    private static String detail(WebApplicationException failure) {
        return failure.getResponse().getStatus() == 404
                ? "there is nothing at this path; /q/openapi lists what there is"
                : "" + failure.getMessage();
    }

    @ServerExceptionMapper
    Response refused(Refusal refusal) {
        return refusal.answer();
    }

    /** A record that its owner can't have written, or a schema that can't be had now. */
    @ServerExceptionMapper
    Response unreadable(SerializationException failure) {
        LOG.error("A published record can't be read", failure);
        return SchemaRegistryException.isUnavailable(failure)
                ? Problems.notReady("the schema registry does not answer: " + failure.getMessage())
                : Problems.of(
                        500,
                        "Unreadable",
                        "what is published of it is nothing that its owner writes, and can't be read; kcm verify names the record");
    }

    @ServerExceptionMapper
    Response bug(RuntimeException failure) {
        LOG.error("A request failed because of a bug", failure);
        return Problems.of(500, "InternalError", "the request failed; the logs say why");
    }
}
