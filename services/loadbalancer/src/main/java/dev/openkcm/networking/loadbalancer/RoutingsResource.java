package dev.openkcm.networking.loadbalancer;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The routings of the LoadBalancers of a namespace; any instance answers for all. */
@Path("/apis/networking.openkcm.dev/v1alpha1/namespaces/{namespace}/loadbalancerroutings")
@Produces("application/json")
public class RoutingsResource {

    private final RoutingApi routings;

    RoutingsResource(RoutingApi routings) {
        this.routings = routings;
    }

    @GET
    @Operation(summary = "The routings of a namespace")
    public Response list(
            @PathParam("namespace") String namespace,
            @QueryParam("labelSelector") @Nullable String selector,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("continue") @Nullable String token,
            @QueryParam("fresh") @Nullable String fresh) {
        return routings.answer(fresh, () -> routings.list(namespace, selector, limit, token));
    }

    @GET
    @Path("{name}")
    @Operation(summary = "The interfaces among which a LoadBalancer distributes")
    public Response get(
            @PathParam("namespace") String namespace,
            @PathParam("name") String name,
            @QueryParam("fresh") @Nullable String fresh,
            @Context HttpHeaders headers) {
        return routings.answer(
                fresh,
                () ->
                        routings.one(
                                namespace + "/" + name, headers.getHeaderString("If-None-Match")));
    }

    @GET
    @Path("{name}/explain")
    @Operation(
            summary =
                    "Why an interface is a destination or is not; without one, why the others of"
                            + " the Network are not")
    public Response explain(
            @PathParam("namespace") String namespace,
            @PathParam("name") String name,
            @QueryParam("interface") @Nullable String nic,
            @QueryParam("fresh") @Nullable String fresh) {
        return routings.answer(fresh, () -> routings.explain(namespace, name, nic));
    }

    @PUT
    @Path("{name}")
    @Operation(summary = "Refused: a routing is computed")
    public Response put(@PathParam("name") String name) {
        return RoutingApi.computed();
    }

    @DELETE
    @Path("{name}")
    @Operation(summary = "Refused: a routing is computed")
    public Response delete(@PathParam("name") String name) {
        return RoutingApi.computed();
    }
}
