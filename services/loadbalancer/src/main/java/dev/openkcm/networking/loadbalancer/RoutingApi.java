package dev.openkcm.networking.loadbalancer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.rest.Problems;
import dev.openkcm.networking.kernel.rest.Replica;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.loadbalancer.RoutingTable.Routing;
import dev.openkcm.networking.loadbalancer.topology.LoadBalancerTopology;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancer;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Routings as documents, and the answers to questions about them. */
@Singleton
final class RoutingApi {

    static final String KIND = "LoadBalancerRouting";

    private static final int MAX_PAGE = 500;
    private static final int ABSENT_SHOWN = 100;
    private static final Duration FRESH_WITHIN = Duration.ofSeconds(10);

    private final RoutingTable table;
    private final Replica replica;

    RoutingApi(RoutingTable table, Replica replica) {
        this.table = table;
        this.replica = replica;
    }

    /** A question that is answered from the table once that is complete. */
    @FunctionalInterface
    interface Question {
        Response ask();
    }

    /** With {@code fresh}, everything that was published when the request came is in the answer. */
    Response answer(@Nullable String fresh, Question question) {
        if (!replica.complete()) {
            return Problems.notReady("the routings are being read");
        }
        try {
            if ("true".equals(fresh) && !replica.catchUp(FRESH_WITHIN)) {
                return Problems.of(504, "Timeout", "the routings could not be read up to now");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Problems.notReady("the service is stopping");
        }
        return question.ask();
    }

    Response one(String key, @Nullable String ifNoneMatch) {
        var routing = table.routing(key);
        if (routing == null) {
            return missing(key);
        }
        String tag =
                "\"%d-%s\""
                        .formatted(routing.last().getOwnerVersion(), routing.last().getSetHash());
        return tag.equals(ifNoneMatch)
                ? Response.notModified().header("ETag", tag).build()
                : Response.ok(document(routing).toString()).header("ETag", tag).build();
    }

    private Response missing(String key) {
        return table.balancer(key) == null
                ? Problems.notFound("LoadBalancer %s does not exist".formatted(key))
                : Problems.notReady(
                        "the routing of LoadBalancer %s is not computed yet".formatted(key));
    }

    Response list(
            @Nullable String namespace,
            @Nullable String selectorText,
            @Nullable String limitText,
            @Nullable String token) {
        var selector = LabelSelector.parse(selectorText == null ? "" : selectorText);
        if (selector.isEmpty()) {
            return Problems.badRequest(
                    "labelSelector can't be read: " + Texts.quoted("" + selectorText));
        }
        if (limitText != null && !limitText.matches("[1-9][0-9]{0,6}")) {
            return Problems.badRequest("limit must be a number from 1 to " + MAX_PAGE);
        }
        int limit = limitText == null ? MAX_PAGE : Math.min(MAX_PAGE, Integer.parseInt(limitText));
        var after = after(token);
        if (after.isEmpty()) {
            return Problems.badRequest("continue must be taken from the list before");
        }
        var list = JsonNodeFactory.instance.objectNode();
        list.put("apiVersion", Kind.API_VERSION);
        list.put("kind", KIND + "List");
        var metadata = list.putObject("metadata");
        var items = list.putArray("items");
        String last = after.get();
        List<Routing> page;
        do {
            page = table.routings(namespace, last, MAX_PAGE);
            for (Routing routing : page) {
                if (items.size() == limit) {
                    metadata.put("continue", token(last));
                    return Response.ok(list.toString()).build();
                }
                if (selector.get().matches(labels(routing))) {
                    items.add(document(routing));
                }
                last = routing.key();
            }
        } while (page.size() == MAX_PAGE);
        return Response.ok(list.toString()).build();
    }

    private static Map<String, String> labels(Routing routing) {
        return routing.balancer() == null ? Map.of() : routing.balancer().getMetadata().getLabels();
    }

    private static String token(String key) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> after(@Nullable String token) {
        try {
            return Optional.of(
                    token == null
                            ? ""
                            : new String(
                                    Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException foreign) {
            return Optional.empty();
        }
    }

    /** In the page's shape, in the order of names and addresses. */
    private static ObjectNode document(Routing routing) {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("apiVersion", Kind.API_VERSION);
        document.put("kind", KIND);
        document.set("metadata", metadata(routing));
        document.set("networkRef", AvroJson.object(routing.last().getNetworkRef()));
        document.putRawValue("destinations", new RawValue(array(routing.destinations())));
        document.putObject("status")
                .put("interfaces", routing.last().getCount())
                .put("setHash", routing.last().getSetHash());
        return document;
    }

    private static String array(List<byte[]> elements) {
        var array = new ByteArrayOutputStream();
        array.write('[');
        for (byte[] some : elements) {
            if (some.length > 0) {
                if (array.size() > 1) {
                    array.write(',');
                }
                array.writeBytes(some);
            }
        }
        array.write(']');
        return array.toString(StandardCharsets.UTF_8);
    }

    private static ObjectNode metadata(Routing routing) {
        int slash = routing.key().indexOf('/');
        var metadata = JsonNodeFactory.instance.objectNode();
        metadata.put("namespace", routing.key().substring(0, slash));
        metadata.put("name", routing.key().substring(slash + 1));
        metadata.put("resourceVersion", Long.toString(routing.last().getOwnerVersion()));
        if (routing.balancer() != null) {
            var own = AvroJson.object(routing.balancer().getMetadata());
            metadata.set("creationTimestamp", own.get("creationTimestamp"));
            if (own.has("labels")) {
                metadata.set("labels", own.get("labels"));
            }
        }
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", Kind.API_VERSION)
                .put("kind", "LoadBalancer")
                .put("name", routing.key().substring(slash + 1))
                .put("uid", routing.last().getOwnerUid());
        return metadata;
    }

    /** Why one interface is a destination or not; without one, why the others of its Network. */
    Response explain(String namespace, String name, @Nullable String nic) {
        String key = namespace + "/" + name;
        var balancer = table.balancer(key);
        if (balancer == null) {
            return missing(key);
        }
        return nic == null ? explainAbsent(balancer, key) : explainOne(balancer, key, nic);
    }

    private Response explainOne(LoadBalancer balancer, String key, String nic) {
        int slash = nic.indexOf('/');
        String namespace =
                slash < 0 ? balancer.getMetadata().getNamespace() : nic.substring(0, slash);
        String name = nic.substring(slash + 1);
        var explanation = Explanation.of(balancer, namespace, name, table.member(namespace, name));
        boolean listed =
                namespace.equals(balancer.getMetadata().getNamespace()) && table.lists(key, name);
        var document = explanation(balancer);
        document.put("interface", namespace + "/" + name);
        document.put("destination", listed);
        document.put(
                "verdict",
                listed == explanation.met()
                        ? (listed ? "Destination" : "NotADestination")
                        : "Changing");
        document.set("findings", findings(explanation, false));
        return Response.ok(document.toString()).build();
    }

    private Response explainAbsent(LoadBalancer balancer, String key) {
        var metadata = balancer.getMetadata();
        String network = balancer.getSpec().getNetworkRef().getName();
        var absent = table.absent(metadata.getNamespace(), network, key, ABSENT_SHOWN);
        var document = explanation(balancer);
        var items = document.putArray("absent");
        for (var known : absent.first()) {
            String name = known.member().getName();
            var explanation = Explanation.of(balancer, metadata.getNamespace(), name, known);
            items.addObject()
                    .put("interface", metadata.getNamespace() + "/" + name)
                    .set("findings", findings(explanation, true));
        }
        document.put("more", absent.count() - absent.first().size());
        return Response.ok(document.toString()).build();
    }

    private static ObjectNode explanation(LoadBalancer balancer) {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("apiVersion", Kind.API_VERSION);
        document.put("kind", KIND + "Explanation");
        document.putObject("metadata")
                .put("namespace", balancer.getMetadata().getNamespace())
                .put("name", balancer.getMetadata().getName());
        return document;
    }

    private static ArrayNode findings(Explanation explanation, boolean onlyUnmet) {
        var findings = JsonNodeFactory.instance.arrayNode();
        for (var finding : explanation.findings()) {
            if (!onlyUnmet || !finding.met()) {
                findings.addObject()
                        .put("check", finding.check())
                        .put("met", finding.met())
                        .put("message", finding.message());
            }
        }
        return findings;
    }

    static Response computed() {
        return notAllowed(
                "a LoadBalancerRouting is computed from its LoadBalancer and the interfaces;"
                        + " change those");
    }

    /** As a document, a change of one of ten thousand destinations would be all of them. */
    static Response unwatched() {
        return notAllowed(
                "a LoadBalancerRouting can't be watched as a document; its changes are the rows of "
                        + LoadBalancerTopology.ROUTING);
    }

    private static Response notAllowed(String detail) {
        return Response.fromResponse(Problems.of(405, "MethodNotAllowed", detail))
                .header("Allow", "GET")
                .build();
    }
}
