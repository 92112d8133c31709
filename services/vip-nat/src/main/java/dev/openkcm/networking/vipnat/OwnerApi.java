package dev.openkcm.networking.vipnat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.rest.Problems;
import dev.openkcm.networking.kernel.rest.ReadStores;
import dev.openkcm.networking.kernel.rest.ReadStores.Found;
import dev.openkcm.networking.vipnat.topology.OwnerRows;
import dev.openkcm.networking.vipnat.topology.VipNatTopology;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who had an address, or a port of it, at some time. */
@Path("/apis/networking.openkcm.dev/v1alpha1/natgateways/owner")
@Blocking
public class OwnerApi {

    private static final int LAST_PORT = 65535;

    private final ReadStores stores;

    OwnerApi(ReadStores stores) {
        this.stores = stores;
    }

    /**
     * Everybody who had it: a VirtualIP and who used it, a LoadBalancer, a NATGateway and the
     * interfaces behind it, or, with {@code network}, an interface or LoadBalancer of that Network.
     */
    @GET
    @Produces("application/json")
    public Response owner(
            @QueryParam("ip") @Nullable String ip,
            @QueryParam("port") @Nullable String port,
            @QueryParam("asOf") @Nullable String asOf,
            @QueryParam("network") @Nullable String network,
            @Context UriInfo uri,
            @Context HttpHeaders headers) {
        var address = Cidr.parseAddress(ip == null ? "" : ip);
        if (address.isEmpty()) {
            return Problems.badRequest("ip must be an IPv4 or IPv6 address");
        }
        Integer wanted = null;
        if (port != null) {
            if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > LAST_PORT) {
                return Problems.badRequest(
                        "port must be from 0 to 65535, is " + Texts.quoted(port));
            }
            wanted = Integer.valueOf(port);
        }
        if (network != null && !network.matches("[a-z0-9-]+/[a-z0-9.-]+")) {
            return Problems.badRequest("network must be <namespace>/<name>");
        }
        Instant time;
        try {
            time = asOf == null ? Instant.now() : Instant.parse(asOf);
        } catch (DateTimeException malformed) {
            return Problems.badRequest(
                    "asOf must be a time such as 2026-01-13T11:39:17Z, is "
                            + Texts.quoted("" + asOf));
        }
        Integer at = wanted;
        var found =
                stores.everywhere(
                        VipNatTopology.OWNERS,
                        VipNatTopology.OWNER_STORE,
                        uri,
                        headers,
                        "owners",
                        rows -> OwnerRows.at(rows, address.get(), at, network, time));
        return switch (found) {
            case Found.NotReady(var reason) -> Problems.notReady(reason);
            case Found.Complete(var owners) ->
                    Response.ok(
                                    document(
                                            address.get(),
                                            at,
                                            network,
                                            time,
                                            OwnerRows.nearest(owners, at)))
                            .build();
        };
    }

    private static String document(
            Cidr ip,
            @Nullable Integer port,
            @Nullable String network,
            Instant time,
            List<JsonNode> owners) {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("kind", "AddressOwnerList");
        document.put("ip", ip.text());
        if (port != null) {
            document.put("port", port);
        }
        if (network != null) {
            document.put("network", network);
        }
        document.put("asOf", time.toString());
        document.putArray("owners").addAll(owners);
        return document.toString();
    }
}
