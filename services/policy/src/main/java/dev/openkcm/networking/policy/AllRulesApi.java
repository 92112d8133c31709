package dev.openkcm.networking.policy;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** {@link RulesApi} over all namespaces. */
@Path("/apis/networking.openkcm.dev/v1alpha1/networkpolicyrules")
@Produces("application/json")
public class AllRulesApi {

    private final RulesApi rules;

    AllRulesApi(RulesApi rules) {
        this.rules = rules;
    }

    @GET
    @Operation(summary = "Which interfaces are isolated, and by how many rules")
    public Response list(
            @QueryParam("labelSelector") @Nullable String labelSelector,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("continue") @Nullable String after,
            @QueryParam("fresh") @Nullable String fresh) {
        return rules.listOf(null, labelSelector, limit, after, fresh);
    }
}
