package dev.openkcm.networking.kernel.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** For operators: build the views anew from the log. */
@Path("/apis/networking.openkcm.dev/v1alpha1/rebuild")
@Produces("application/json")
public class RebuildApi {

    private final ServiceRuntime runtime;
    private final Rebuild rebuild;
    private final Views views;
    private final Forwarding forwarding;

    RebuildApi(ServiceRuntime runtime, Rebuild rebuild, Views views, Forwarding forwarding) {
        this.runtime = runtime;
        this.rebuild = rebuild;
        this.views = views;
        this.forwarding = forwarding;
    }

    @GET
    @Operation(summary = "How the rebuilding of this instance stands")
    public Response progress() {
        return Response.ok(rebuild.document().toString()).build();
    }

    @POST
    @Operation(summary = "Build the views of all instances anew, while the old ones answer")
    public Response begin(
            @QueryParam("generation") @Nullable String generation, @Context HttpHeaders headers) {
        if (!runtime.started()) {
            return Problems.notReady("the service is starting; see /q/health");
        }
        if (generation != null && !generation.matches("[1-9][0-9]{0,8}")) {
            return Problems.badRequest("generation must be a number");
        }
        int next = generation == null ? runtime.viewGeneration() + 1 : Integer.parseInt(generation);
        if (next <= runtime.viewGeneration()) {
            return Problems.of(
                    409, "Conflict", "the views are of generation " + runtime.viewGeneration());
        }
        try {
            var others = views.of(runtime.kinds().getFirst()).others();
            if (!rebuild.begin(next)) {
                return Problems.of(409, "Conflict", "the views are being built anew already");
            }
            if (!Forwarding.wasForwarded(headers)) {
                for (var host : others) {
                    forwarding.tell(
                            host,
                            "/apis/networking.openkcm.dev/v1alpha1/rebuild?generation=" + next);
                }
            }
        } catch (Views.NotReady moving) {
            return Problems.notReady(String.valueOf(moving.getMessage()));
        }
        return Response.accepted(rebuild.document().toString()).build();
    }
}
