package dev.openkcm.networking.loadbalancer;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Where a list of routings with {@code watch=true} is led to. */
@Path(
        "/apis/networking.openkcm.dev/v1alpha1/watch/{scope:(namespaces/[^/]+/)?}loadbalancerroutings")
@Produces(MediaType.WILDCARD)
public class WatchedRoutings {

    @GET
    @Operation(summary = "Refused: changes are published row by row")
    public Response list() {
        return RoutingApi.unwatched();
    }

    @GET
    @Path("{name}")
    @Operation(summary = "Refused: changes are published row by row")
    public Response one() {
        return RoutingApi.unwatched();
    }
}
