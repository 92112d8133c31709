package dev.openkcm.networking.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.CommandHandler;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.Snapshot;
import dev.openkcm.networking.kernel.streams.ManifestReader;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.domain.NetworkFact;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.NetworkPolicyDecider;
import dev.openkcm.networking.policy.engine.Estate;
import dev.openkcm.networking.policy.engine.Matrix;
import dev.openkcm.networking.policy.engine.Member;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.Policy;
import dev.openkcm.networking.policy.engine.Protocol;
import dev.openkcm.networking.policy.topology.PolicyTopology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Policies with the verdicts that an independent implementation expects of them, from a folder that
 * the system property {@code openkcm.netpol} names: manifests in, matrices out, step after step.
 */
class CasesTest {

    private static final ResourceKey NETWORK = new ResourceKey("default", "net");

    private final ObjectMapper json = new ObjectMapper();
    private final ManifestReader manifests = new ManifestReader(PolicyTopology.kind());

    private final List<String> differences = new ArrayList<>();
    private long verdicts;

    @Test
    void everyVerdictIsTheExpectedOne() throws IOException {
        String folder = System.getProperty("openkcm.netpol", "");
        assumeTrue(
                !folder.isEmpty(),
                "no cases: name the folder with cases.jsonl as -Dopenkcm.netpol=FOLDER");
        int cases = 0;
        int steps = 0;
        for (String line : Files.readAllLines(Path.of(folder, "cases.jsonl"))) {
            var one = json.readTree(line);
            cases++;
            var estate = new Estate();
            var known = new HashSet<ResourceKey>();
            for (var step : one.path("steps")) {
                steps++;
                apply(estate, step, known);
                compare(estate, one.path("description").asText(), step);
            }
        }
        System.out.printf("%d cases, %d steps, %d verdicts%n", cases, steps, verdicts);
        assertThat(differences).isEmpty();
        assertThat(cases).isPositive();
        assertThat(verdicts).isGreaterThan(1_000);
    }

    private void apply(Estate estate, JsonNode step, Set<ResourceKey> policies) {
        var interfaces = new HashSet<String>();
        var wanted = new HashSet<ResourceKey>();
        for (var resource : step.path("resources")) {
            String name = resource.at("/metadata/name").asText();
            switch (resource.path("kind").asText()) {
                case "Network" ->
                        estate.putNetwork(
                                new Estate.Network(NETWORK, NetworkFact.Available, List.of()));
                case "NetworkInterface" -> {
                    interfaces.add(name);
                    estate.putMember(member(resource));
                }
                default -> {
                    var key = NETWORK.sibling(name);
                    wanted.add(key);
                    estate.putPolicy(policy(key, resource));
                }
            }
        }
        policies.removeAll(wanted);
        policies.forEach(estate::removePolicy);
        policies.clear();
        policies.addAll(wanted);
        for (var member : estate.interfacesOf(NETWORK)) {
            if (!interfaces.contains(member.name())) {
                estate.removeMember(MemberKind.NetworkInterface, NETWORK.sibling(member.name()));
            }
        }
    }

    private static Member member(JsonNode resource) {
        var labels = new TreeMap<String, String>();
        resource.at("/metadata/labels")
                .properties()
                .forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
        var addresses = new ArrayList<Cidr>();
        resource.at("/spec/ips")
                .forEach(ip ->
                        addresses.add(Cidr.parseAddress(ip.path("value").asText()).orElseThrow()));
        return new Member(
                MemberKind.NetworkInterface,
                NETWORK,
                resource.at("/metadata/name").asText(),
                "uid",
                1,
                labels,
                addresses);
    }

    /** As the service would decide it. */
    private Policy policy(ResourceKey key, JsonNode manifest) {
        ((ObjectNode) manifest).put("apiVersion", "networking.OpenKCM.dev/v1alpha1");
        var read = (ManifestReader.Manifest.Read) manifests.read(manifest, key);
        var decider = new NetworkPolicyDecider();
        var handled =
                new CommandHandler<>(decider)
                        .handle(
                                Snapshot.of(decider.absent()),
                                new Command<>(
                                        "case",
                                        key,
                                        null,
                                        false,
                                        Instant.EPOCH,
                                        new UUID(0, 1),
                                        null,
                                        new NetworkPolicyCodec().apply(read.apply())));
        var present = (NetworkPolicy.Present) handled.snapshot().state();
        return new Policy(key, "uid", 1, 1, present.spec());
    }

    private void compare(Estate estate, String description, JsonNode step) {
        var all = new TreeMap<String, Member>();
        estate.interfacesOf(NETWORK).forEach(m -> all.put(m.name(), m));
        var order = new ArrayList<Member>();
        step.path("order").forEach(name -> order.add(all.get(name.asText())));
        for (var expected : step.path("expect").properties()) {
            String[] port = expected.getKey().split("/", 2);
            var rows =
                    Matrix.of(
                            estate.engine(),
                            order,
                            order,
                            Protocol.valueOf(port[0]),
                            Integer.parseInt(port[1]),
                            null);
            for (int i = 0; i < order.size(); i++) {
                var row = rows.get(i);
                compare(description, expected, "ingress", i, row.ingress());
                compare(description, expected, "egress", i, row.egress());
                compare(description, expected, "combined", i, row.combined());
            }
        }
    }

    private void compare(
            String description,
            Map.Entry<String, JsonNode> expected,
            String which,
            int row,
            String marks) {
        String wanted = expected.getValue().path(which).path(row).asText();
        assertThat(marks).hasSameSizeAs(wanted);
        for (int column = 0; column < wanted.length(); column++) {
            if (column == row || wanted.charAt(column) == '?') {
                continue;
            }
            verdicts++;
            if (marks.charAt(column) != wanted.charAt(column)) {
                differences.add(
                        "%s: %s %s row %d column %d is %s"
                                .formatted(
                                        description,
                                        expected.getKey(),
                                        which,
                                        row,
                                        column,
                                        marks.charAt(column)));
            }
        }
    }
}
