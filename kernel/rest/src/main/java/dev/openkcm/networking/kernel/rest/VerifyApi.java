package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** For operators: whether what is published follows from the events. */
@Path("/apis/networking.openkcm.dev/v1alpha1/verify")
@Produces("application/json")
public class VerifyApi {

    private final ServiceRuntime runtime;
    private final SelfCheck selfCheck;

    /** It reads the whole log: once at a time. */
    private final Semaphore one = new Semaphore(1);

    VerifyApi(ServiceRuntime runtime, SelfCheck selfCheck) {
        this.runtime = runtime;
        this.selfCheck = selfCheck;
    }

    @GET
    @Operation(
            summary = "Fold all events of the service from the first, and compare with its states")
    public Response verify() throws InterruptedException {
        if (!runtime.started()) {
            return Problems.notReady("the service is starting; see /q/health");
        }
        if (!one.tryAcquire()) {
            return Problems.notReady("a verification is under way");
        }
        try {
            var document = JsonNodeFactory.instance.objectNode();
            document.put("kind", "Verification");
            var items = document.putArray("items");
            for (var kind : runtime.kinds()) {
                items.add(selfCheck.check(kind));
            }
            return Response.ok(document.toString()).build();
        } catch (KafkaException away) {
            return Problems.notReady("the log can't be read now: " + away.getMessage());
        } finally {
            one.release();
        }
    }
}
