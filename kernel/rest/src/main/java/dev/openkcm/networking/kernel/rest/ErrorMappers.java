package dev.openkcm.networking.kernel.rest;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong is told as a problem document, without a stack trace. */
class ErrorMappers {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorMappers.class);

    @ServerExceptionMapper
    Response http(WebApplicationException failure) {
        int status = failure.getResponse().getStatus();
        var known = Response.Status.fromStatusCode(status);
        String reason = known == null ? "Error" : known.name();
        String detail = failure.getMessage() == null ? reason : failure.getMessage();
        return Problems.of(status, reason, detail);
    }

    @ServerExceptionMapper
    Response refused(Refusal refusal) {
        return refusal.answer();
    }

    @ServerExceptionMapper
    Response bug(RuntimeException failure) {
        LOG.error("A request failed because of a bug", failure);
        return Problems.of(500, "InternalError", "the request failed; the logs say why");
    }
}
