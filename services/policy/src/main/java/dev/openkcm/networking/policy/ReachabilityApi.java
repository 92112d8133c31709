package dev.openkcm.networking.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.rest.Problems;
import dev.openkcm.networking.kernel.streams.ManifestReader;
import dev.openkcm.networking.kernel.streams.ManifestReader.Manifest;
import dev.openkcm.networking.policy.Answers.Refused;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.NetworkPolicyDecider;
import dev.openkcm.networking.policy.engine.Address;
import dev.openkcm.networking.policy.engine.Matrix;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.Policy;
import dev.openkcm.networking.policy.engine.PortSet;
import dev.openkcm.networking.policy.engine.Preview;
import dev.openkcm.networking.policy.engine.Protocol;
import dev.openkcm.networking.policy.engine.Reachability;
import dev.openkcm.networking.policy.engine.Reachability.Party;
import dev.openkcm.networking.policy.topology.PolicyTopology;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Can A reach B, and who says so: now, for all pairs, and after a change that is not made yet. */
@Path(
        "/apis/networking.openkcm.dev/v1alpha1/namespaces/{namespace}/networks/{network}/reachability")
@Produces("application/json")
public class ReachabilityApi {

    private static final long MAX_PAIRS = 4_000_000;
    private static final int MAX_PORTS = 100;
    private static final int MAX_CHANGES = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LiveEstate live;
    private final Answers answers;
    private final ManifestReader manifests = new ManifestReader(PolicyTopology.kind());

    ReachabilityApi(LiveEstate live, Answers answers) {
        this.live = live;
        this.answers = answers;
    }

    @GET
    @Operation(
            summary =
                    "Whether one end can reach the other: an interface by name, loadbalancer/<name>,"
                            + " virtualip/<name>, or an address")
    public Response reachability(
            @PathParam("namespace") String namespace,
            @PathParam("network") String network,
            @QueryParam("from") @Nullable String from,
            @QueryParam("to") @Nullable String to,
            @QueryParam("protocol") @Nullable String protocol,
            @QueryParam("port") @Nullable String port,
            @QueryParam("ipFamily") @Nullable String family,
            @QueryParam("fresh") @Nullable String fresh) {
        return answers.answer(
                fresh,
                () -> {
                    var question =
                            new Reachability.Question(
                                    new ResourceKey(namespace, network),
                                    party("from", from),
                                    party("to", to),
                                    protocol(protocol == null ? "TCP" : protocol),
                                    port(port == null ? "" : port),
                                    family(family));
                    return Answers.ok(Documents.reachability(answer(question)));
                });
    }

    /** An answer, or why there is none. */
    private record Found(Reachability.@Nullable Answer answer, @Nullable String why) {}

    private Reachability.Answer answer(Reachability.Question question) throws Refused {
        requireNetwork(question.network());
        var found =
                live.ask(estate -> {
                    try {
                        return new Found(Reachability.answer(estate, question), null);
                    } catch (Reachability.Unanswerable unanswerable) {
                        return new Found(null, unanswerable.getMessage());
                    }
                });
        if (found.answer == null) {
            throw Answers.unanswerable("" + found.why);
        }
        return found.answer;
    }

    private void requireNetwork(ResourceKey network) throws Refused {
        if (live.ask(estate -> estate.network(network)).isEmpty()) {
            throw Answers.notFound("Network %s does not exist".formatted(network));
        }
    }

    private static Party party(String parameter, @Nullable String text) throws Refused {
        if (text == null || text.isBlank()) {
            throw Answers.badRequest(parameter + " must name an interface or an address");
        }
        var address = Address.parse(text);
        if (address.isPresent()) {
            return new Party.At(address.get());
        }
        int slash = text.indexOf('/');
        if (slash < 0) {
            return new Party.Named(MemberKind.NetworkInterface, text);
        }
        String kind = text.substring(0, slash).toLowerCase(Locale.ROOT);
        String name = text.substring(slash + 1);
        return switch (kind) {
            case "networkinterface" -> new Party.Named(MemberKind.NetworkInterface, name);
            case "loadbalancer" -> new Party.Named(MemberKind.LoadBalancer, name);
            case "virtualip" -> new Party.Named(MemberKind.VirtualIP, name);
            default ->
                    throw Answers.badRequest(
                            "%s must be an interface, loadbalancer/<name>, virtualip/<name> or an address, is %s"
                                    .formatted(parameter, Texts.quoted(text)));
        };
    }

    private static Protocol protocol(String text) throws Refused {
        return Protocol.of(text)
                .orElseThrow(() ->
                        Answers.badRequest(
                                "protocol must be TCP, UDP or SCTP, is " + Texts.quoted(text)));
    }

    private static int port(String text) throws Refused {
        if (!text.matches("[0-9]{1,5}")
                || Integer.parseInt(text) < 1
                || Integer.parseInt(text) > PortSet.LAST) {
            throw Answers.badRequest("port must be from 1 to 65535, is " + Texts.quoted(text));
        }
        return Integer.parseInt(text);
    }

    private static @Nullable IpFamily family(@Nullable String text) throws Refused {
        if (text == null) {
            return null;
        }
        return IpFamily.of(text)
                .orElseThrow(() ->
                        Answers.badRequest(
                                "ipFamily must be IPv4 or IPv6, is " + Texts.quoted(text)));
    }

    // ---- Matrix ----

    @POST
    @Path("matrix")
    @Operation(summary = "Who can reach whom: a row of marks per source interface")
    public Response matrix(
            @PathParam("namespace") String namespace,
            @PathParam("network") String network,
            @QueryParam("fresh") @Nullable String fresh,
            byte[] body) {
        return answers.answer(
                fresh,
                () -> {
                    var key = new ResourceKey(namespace, network);
                    requireNetwork(key);
                    var wish = read(body);
                    var ports = ports(wish.path("ports"));
                    var family =
                            family(
                                    wish.hasNonNull("ipFamily")
                                            ? wish.path("ipFamily").asText()
                                            : null);
                    var all = live.ask(estate -> estate.interfacesOf(key));
                    var from = chosen(all, wish.path("from"), "from");
                    var to = chosen(all, wish.path("to"), "to");
                    if ((long) from.size() * to.size() * ports.size() > MAX_PAIRS) {
                        throw Answers.unanswerable(
                                "the matrix has %d times %d pairs for %d ports, more than %d; name fewer in from and to"
                                        .formatted(
                                                from.size(), to.size(), ports.size(), MAX_PAIRS));
                    }
                    var byPort = new LinkedHashMap<PortSet.Range, List<Matrix.Row>>();
                    for (var port : ports) {
                        byPort.put(
                                port,
                                live.ask(estate ->
                                        Matrix.of(
                                                estate.engine(),
                                                from,
                                                to,
                                                port.protocol(),
                                                port.first(),
                                                family)));
                    }
                    return Answers.ok(Documents.matrix(key, from, to, byPort));
                });
    }

    private static JsonNode read(byte[] body) throws Refused {
        try {
            var wish = JSON.readTree(body);
            if (wish != null && wish.isObject()) {
                return wish;
            }
        } catch (JsonProcessingException malformed) {
            throw Answers.badRequest("the body is not JSON: " + malformed.getOriginalMessage());
        } catch (IOException unreadable) {
            throw Answers.badRequest("the body can't be read: " + unreadable.getMessage());
        }
        throw Answers.badRequest("the body must be a JSON object");
    }

    private static List<PortSet.Range> ports(JsonNode given) throws Refused {
        var ports = new ArrayList<PortSet.Range>();
        for (var one : given) {
            int port = port(one.path("port").asText());
            ports.add(new PortSet.Range(protocol(one.path("protocol").asText("TCP")), port, port));
        }
        if (ports.isEmpty() || ports.size() > MAX_PORTS) {
            throw Answers.badRequest(
                    "ports must list 1 to %d objects with protocol and port".formatted(MAX_PORTS));
        }
        return ports;
    }

    private static List<Member> chosen(List<Member> all, JsonNode names, String field)
            throws Refused {
        if (names.isMissingNode() || names.isNull()) {
            return all;
        }
        var wanted = new HashSet<String>();
        names.forEach(name -> wanted.add(name.asText()));
        var chosen = all.stream().filter(m -> wanted.remove(m.name())).toList();
        if (!wanted.isEmpty()) {
            throw Answers.unanswerable(
                    "%s names %s, which is no interface of the Network"
                            .formatted(field, Texts.quoted(wanted.iterator().next())));
        }
        return chosen;
    }

    // ---- Preview ----

    @POST
    @Path("preview")
    @Operation(
            summary =
                    "What would open and close: a NetworkPolicy, or {policies: [NetworkPolicy], delete:"
                            + " [name]} for several changes at once")
    public Response preview(
            @PathParam("namespace") String namespace,
            @PathParam("network") String network,
            @QueryParam("fresh") @Nullable String fresh,
            byte[] body) {
        return answers.answer(
                fresh,
                () -> {
                    var key = new ResourceKey(namespace, network);
                    requireNetwork(key);
                    var changes = changes(key, read(body));
                    var difference =
                            live.ask(estate -> {
                                try {
                                    return new Compared(
                                            Preview.of(estate.engine(), key, changes), null);
                                } catch (Preview.TooLarge tooLarge) {
                                    return new Compared(null, tooLarge.getMessage());
                                }
                            });
                    if (difference.difference == null) {
                        throw Answers.unanswerable("" + difference.why);
                    }
                    return Answers.ok(Documents.preview(key, difference.difference));
                });
    }

    /** A comparison, or why there is none. */
    private record Compared(Preview.@Nullable Difference difference, @Nullable String why) {}

    private List<Preview.Change> changes(ResourceKey network, JsonNode wish) throws Refused {
        var changes = new ArrayList<Preview.Change>();
        if (wish.has("kind")) {
            changes.add(change(network, wish));
        } else {
            for (var manifest : wish.path("policies")) {
                changes.add(change(network, manifest));
            }
            for (var name : wish.path("delete")) {
                changes.add(new Preview.Change(network.sibling(name.asText()), null));
            }
        }
        if (changes.isEmpty() || changes.size() > MAX_CHANGES) {
            throw Answers.badRequest(
                    "the body must be a NetworkPolicy, or have 1 to %d in policies and delete"
                            .formatted(MAX_CHANGES));
        }
        return changes;
    }

    private Preview.Change change(ResourceKey network, JsonNode manifest) throws Refused {
        String name = manifest.path("metadata").path("name").asText();
        if (name.isEmpty()) {
            throw Answers.badRequest("metadata.name must be given");
        }
        var key = network.sibling(name);
        return switch (manifests.read(manifest, key)) {
            case Manifest.Refused(var rejection) ->
                    throw new Refused(Problems.of(rejection, false));
            case Manifest.Read(var apply) -> {
                var spec = decide(key, apply);
                if (!spec.spec().network().equals(network.name())) {
                    throw Answers.unanswerable(
                            "NetworkPolicy %s is of Network %s, not of %s"
                                    .formatted(name, spec.spec().network(), network.name()));
                }
                yield new Preview.Change(key, spec);
            }
        };
    }

    /** The policy that the manifest would make, were there none of the name. */
    private Policy decide(ResourceKey key, SpecificRecord apply) throws Refused {
        var decider = new NetworkPolicyDecider();
        var command =
                new Command<>(
                        "preview",
                        key,
                        null,
                        false,
                        Instant.now(),
                        UUID.randomUUID(),
                        null,
                        new NetworkPolicyCodec().apply(apply));
        var handled = new CommandHandler<>(decider).handle(Snapshot.of(decider.absent()), command);
        var result = handled.result();
        if (result != null && result.rejection() != null) {
            throw new Refused(Problems.of(result.rejection(), false));
        }
        if (!(handled.snapshot().state() instanceof NetworkPolicy.Present present)) {
            throw new IllegalStateException("an accepted policy exists");
        }
        return new Policy(key, present.meta().uid().toString(), 1, 1, present.spec());
    }
}
