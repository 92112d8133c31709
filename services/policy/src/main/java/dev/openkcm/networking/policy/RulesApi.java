package dev.openkcm.networking.policy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.policy.Answers.Refused;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.MemberKind;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold for an interface, from all policies that apply to it, made when asked for.
 */
@Path("/apis/networking.openkcm.dev/v1alpha1/namespaces/{namespace}/networkpolicyrules")
@Produces("application/json")
public class RulesApi {

    private static final int MAX_PAGE = 500;

    private final LiveEstate live;
    private final Answers answers;

    RulesApi(LiveEstate live, Answers answers) {
        this.live = live;
        this.answers = answers;
    }

    @GET
    @Path("{name}")
    @Operation(
            summary =
                    "The rules of one interface with their origin; expand=true lists the members of"
                            + " groups")
    public Response one(
            @PathParam("namespace") String namespace,
            @PathParam("name") String name,
            @QueryParam("expand") @Nullable String expand,
            @QueryParam("fresh") @Nullable String fresh) {
        var key = new ResourceKey(namespace, name);
        return answers.answer(
                fresh,
                () ->
                        Answers.ok(
                                live.<Optional<ObjectNode>>ask(estate ->
                                                estate.find(MemberKind.NetworkInterface, key)
                                                        .map(m ->
                                                                Documents.rules(
                                                                        estate.engine(),
                                                                        m,
                                                                        "true".equals(expand))))
                                        .orElseThrow(() ->
                                                Answers.notFound(
                                                        "NetworkInterface %s does not exist"
                                                                .formatted(key)))));
    }

    @GET
    @Operation(summary = "Which interfaces of a namespace are isolated, and by how many rules")
    public Response list(
            @PathParam("namespace") String namespace,
            @QueryParam("labelSelector") @Nullable String labelSelector,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("continue") @Nullable String after,
            @QueryParam("fresh") @Nullable String fresh) {
        return listOf(namespace, labelSelector, limit, after, fresh);
    }

    /** Of all namespaces when there is none given. */
    Response listOf(
            @Nullable String namespace,
            @Nullable String labelSelector,
            @Nullable String limit,
            @Nullable String after,
            @Nullable String fresh) {
        return answers.answer(
                fresh,
                () ->
                        Answers.ok(
                                page(
                                        namespace,
                                        selector(labelSelector),
                                        limit(limit),
                                        after == null ? "" : after)));
    }

    private static LabelSelector selector(@Nullable String text) throws Refused {
        return LabelSelector.parse(text == null ? "" : text)
                .orElseThrow(() ->
                        Answers.badRequest(
                                "labelSelector can't be read: " + Texts.quoted("" + text)));
    }

    private static int limit(@Nullable String text) throws Refused {
        if (text != null && !text.matches("[1-9][0-9]{0,6}")) {
            throw Answers.badRequest("limit must be a number from 1 to " + MAX_PAGE);
        }
        return text == null ? MAX_PAGE : Math.min(MAX_PAGE, Integer.parseInt(text));
    }

    /** Sorted and continued by namespace and name. */
    private ObjectNode page(
            @Nullable String namespace, LabelSelector selector, int limit, String after) {
        return live.ask(estate -> {
            List<Member> found =
                    estate.interfaces().stream()
                            .filter(m ->
                                    namespace == null || m.network().namespace().equals(namespace))
                            .filter(m -> key(m).compareTo(after) > 0)
                            .filter(m -> selector.matches(m.labels()))
                            .sorted(Comparator.comparing(RulesApi::key))
                            .limit(limit + 1L)
                            .toList();
            var list = JsonNodeFactory.instance.objectNode();
            list.put("apiVersion", Kind.API_VERSION);
            list.put("kind", "NetworkPolicyRuleList");
            var metadata = list.putObject("metadata");
            var page = found.subList(0, Math.min(limit, found.size()));
            if (found.size() > limit) {
                metadata.put("continue", key(page.getLast()));
            }
            var items = list.putArray("items");
            page.forEach(m -> items.add(Documents.summary(estate.engine(), m)));
            return list;
        });
    }

    private static String key(Member member) {
        return member.resource().toString();
    }
}
