package dev.openkcm.networking.loadbalancer;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The routings of all namespaces. */
@Path("/apis/networking.openkcm.dev/v1alpha1/loadbalancerroutings")
@Produces("application/json")
public class AllRoutingsResource {

    private final RoutingApi routings;

    AllRoutingsResource(RoutingApi routings) {
        this.routings = routings;
    }

    @GET
    @Operation(summary = "The routings of all namespaces")
    public Response list(
            @QueryParam("labelSelector") @Nullable String selector,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("continue") @Nullable String token,
            @QueryParam("fresh") @Nullable String fresh) {
        return routings.answer(fresh, () -> routings.list(null, selector, limit, token));
    }
}
