package dev.openkcm.networking.policy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.test.LocalSerdes;
import dev.openkcm.networking.kernel.test.RecordedHistories;
import dev.openkcm.networking.kernel.test.TopologyHarness;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.PolicyCommand;
import dev.openkcm.networking.policy.domain.PolicyEvent;
import dev.openkcm.networking.policy.engine.CompiledPolicy;
import dev.openkcm.networking.policy.engine.CompiledRule.Peer;
import dev.openkcm.networking.policy.engine.MemberKind;
import dev.openkcm.networking.policy.engine.Policy;
import dev.openkcm.networking.policy.engine.PolicyCompiler;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyEvent;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyState;
import dev.openkcm.networking.schemas.networkpolicy.v1.Rule;
import dev.openkcm.networking.schemas.networkpolicy.v1.RuleAction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decider, the member feed and the compiler together. */
class PolicyTopologyTest {

    private static final Kind<NetworkPolicy, PolicyCommand, PolicyEvent> KIND =
            PolicyTopology.kind();
    private static final String NETWORKS = Kind.topicOf("network", "state");

    @TempDir private Path stateDir;

    private TopologyHarness cluster;

    @BeforeEach
    void start() {
        cluster = new TopologyHarness(stateDir);
        var wire = new DecideTopology.Wire(cluster.serdes(), 1, 1 << 18);
        cluster.with(
                        "decide",
                        DecideTopology.of(KIND, PolicySurroundings.recipe(), wire),
                        KIND.commands(),
                        KIND.rerouted(),
                        KIND.observations())
                .with(
                        "members",
                        PolicyTopology.members(cluster.serdes(), ForeignStates.reading()),
                        Kind.topicOf("load-balancer", "state"),
                        Kind.topicOf("virtual-ip", "state"))
                .with(
                        "compile",
                        PolicyTopology.compile(cluster.serdes(), LocalSerdes.generic()),
                        PolicyTopology.INTENTS,
                        PolicyTopology.INTERFACES,
                        PolicyTopology.MEMBERS,
                        NETWORKS);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static ObjectMeta meta(String name, Map<String, String> labels) {
        return new ObjectMeta(
                "default", name, "uid-" + name, 1L, 1L, Instant.EPOCH, null, labels, Map.of());
    }

    private void network(String name, NetworkState state) {
        cluster.publishRecord(
                NETWORKS,
                "default/" + name,
                new Network(
                        meta(name, Map.of()),
                        new NetworkSpec(List.of(), List.of(), null),
                        new NetworkStatus(state, List.of(), List.of(), List.of())));
    }

    private void nic(
            String name,
            String network,
            NetworkInterfaceState state,
            Map<String, String> labels,
            String... ips) {
        cluster.publishRecord(
                PolicyTopology.INTERFACES,
                "default/" + network + "/" + name,
                new NetworkMember(name, "uid-" + name, 1L, labels, state, List.of(ips), List.of()));
    }

    private void available(String name, Map<String, String> labels, String... ips) {
        nic(name, "net", NetworkInterfaceState.Available, labels, ips);
    }

    private void gone(String topic, String name) {
        cluster.publish(topic, "default/" + name, null);
    }

    private void policy(String name, String network, String spec) {
        cluster.publish(
                KIND.commands(),
                "default/" + name,
                """
                {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "NetworkPolicy",
                 "spec": {"networkRef": "%s", %s}}
                """
                        .formatted(network, spec));
    }

    private static final String DB_FROM_WEB =
            """
            "networkInterfaceSelector": {"matchLabels": {"app": "db"}},
            "ingress": [{"from": [{"objectSelector": {"kind": "NetworkInterface",
                                                      "matchLabels": {"app": "web"}}}],
                         "ports": [{"port": 5432}]}]
            """;

    private dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy state(String name) {
        return cluster.last(
                KIND.state(),
                "default/" + name,
                dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy.class);
    }

    /** The table that a topic holds. */
    private <T extends SpecificRecord> Map<String, T> table(String topic, Class<T> type) {
        var rows = new TreeMap<String, T>();
        for (var record : cluster.records(topic)) {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            T row = cluster.serdes().of(type).deserializer().deserialize(topic, record.value());
            if (row == null) {
                rows.remove(key);
            } else {
                rows.put(key, row);
            }
        }
        return rows;
    }

    private Map<String, GroupMember> groups() {
        return table(PolicyTopology.GROUPS, GroupMember.class);
    }

    private Map<String, Rule> rules() {
        return table(PolicyTopology.RULES, Rule.class);
    }

    @Test
    void aPolicyWaitsForItsNetworkAndIsThenCompiled() {
        policy("p", "net", DB_FROM_WEB);
        available("db-1", Map.of("app", "db"), "10.0.0.1");
        assertThat(state("p").getStatus().getState()).isEqualTo(NetworkPolicyState.Pending);
        assertThat(rules()).isEmpty();
        assertThat(groups()).isEmpty();

        network("net", NetworkState.Available);
        assertThat(state("p").getStatus().getState()).isEqualTo(NetworkPolicyState.Available);
        assertThat(state("p").getStatus().getInterfaces()).isEqualTo(1);
        assertThat(state("p").getStatus().getRules()).isEqualTo(1);
        assertThat(rules().values())
                .extracting(r -> r.getAction() + " " + r.getDirection())
                .containsExactlyInAnyOrder("Allow Ingress", "Deny Ingress");
        assertThat(groups().values())
                .extracting(m -> m.getName() + " " + m.getAddresses())
                .containsExactly("db-1 [10.0.0.1]");
        assertThat(state("p").getStatus().getConditions())
                .filteredOn(c -> c.getType().equals("SelectsNothing"))
                .singleElement()
                .returns("True", c -> c.getStatus())
                .satisfies(c ->
                        assertThat(c.getMessage())
                                .contains("spec.ingress[0].from[0].objectSelector"));
    }

    @Test
    void whatNoOwnerWritesStopsNothing() {
        cluster.publishNobodysRecords();

        network("net", NetworkState.Available);
        policy("p", "net", DB_FROM_WEB);
        available("db-1", Map.of("app", "db"), "10.0.0.1");
        assertThat(state("p").getStatus().getState()).isEqualTo(NetworkPolicyState.Available);
    }

    @Test
    void aLabelChangeIsARowPerGroupJoinedOrLeftAndNothingElse() {
        network("net", NetworkState.Available);
        policy("p", "net", DB_FROM_WEB);
        available("a", Map.of("app", "web"), "10.0.0.1");
        available("b", Map.of("app", "db"), "10.0.0.2");
        int before = cluster.records(PolicyTopology.GROUPS).size();
        int rulesBefore = cluster.records(PolicyTopology.RULES).size();

        available("a", Map.of("app", "web", "zone", "1"), "10.0.0.1");
        assertThat(cluster.records(PolicyTopology.GROUPS)).hasSize(before);
        available("a", Map.of("app", "db", "zone", "1"), "10.0.0.1");
        assertThat(cluster.records(PolicyTopology.GROUPS)).hasSize(before + 2);
        available("a", Map.of("zone", "1"), "10.0.0.1");
        assertThat(cluster.records(PolicyTopology.GROUPS)).hasSize(before + 3);
        assertThat(cluster.records(PolicyTopology.RULES)).hasSize(rulesBefore);
        assertThat(groups().values()).extracting(GroupMember::getName).containsExactly("b");
    }

    @Test
    void aManyTimesChangedGroupTellsThePolicyOnce() {
        network("net", NetworkState.Available);
        policy("p", "net", DB_FROM_WEB);
        int before = cluster.records(KIND.observations()).size();
        for (int i = 0; i < 50; i++) {
            available("db-" + i, Map.of("app", "db"), "10.0.0." + i);
        }
        assertThat(cluster.records(KIND.observations())).hasSize(before);
        cluster.advance(Compiler.PAUSE);
        assertThat(cluster.records(KIND.observations())).hasSize(before + 1);
        assertThat(state("p").getStatus().getInterfaces()).isEqualTo(50);
    }

    @Test
    void aGroupThatKeepsChangingTellsThePolicyNowAndThen() {
        network("net", NetworkState.Available);
        policy("p", "net", DB_FROM_WEB);
        int before = cluster.records(KIND.observations()).size();
        var step = Compiler.PAUSE.dividedBy(2);
        long steps = 2 * Compiler.PATIENCE.dividedBy(step) + 4;
        for (int i = 0; i < steps; i++) {
            available("db-" + i, Map.of("app", "db"), "10.0.0." + i);
            cluster.advance(step);
        }
        assertThat(cluster.records(KIND.observations())).hasSize(before + 2);
    }

    @Test
    void anInterfaceHasAddressesOnlyWhileItIsAvailable() {
        network("net", NetworkState.Available);
        policy("p", "net", DB_FROM_WEB);
        nic("a", "net", NetworkInterfaceState.Error, Map.of("app", "web"), "10.0.0.1");
        assertThat(groups().values()).singleElement().returns(List.of(), GroupMember::getAddresses);
        available("a", Map.of("app", "web"), "10.0.0.1");
        assertThat(groups().values())
                .singleElement()
                .returns(List.of("10.0.0.1"), GroupMember::getAddresses);
        gone(PolicyTopology.INTERFACES, "net/a");
        assertThat(groups()).isEmpty();
    }

    @Test
    void balancersAndVirtualIpsAreFoundInTheirNetworkAlone() {
        var states = new ForeignStates(cluster);
        network("net", NetworkState.Available);
        available("a", Map.of(), "10.0.0.1");
        nic("b", "other", NetworkInterfaceState.Available, Map.of(), "10.0.0.1");
        states.virtualIp("vip-a", Map.of("app", "web"), "203.0.113.1", "a");
        states.virtualIp("vip-b", Map.of("app", "web"), "203.0.113.2", "b");
        states.virtualIp("vip-c", Map.of("app", "web"), "203.0.113.3", null);
        states.loadBalancer("lb", "net", Map.of("app", "web"), "203.0.113.4");
        states.loadBalancer("lb-other", "other", Map.of("app", "web"), "203.0.113.5");
        policy(
                "p",
                "net",
                """
                "networkInterfaceSelector": {},
                "egress": [{"to": [{"objectSelector": {"kind": "VirtualIP", "matchLabels": {"app": "web"}}},
                                   {"objectSelector": {"kind": "LoadBalancer", "matchLabels": {"app": "web"}}}],
                            "ports": [{"protocol": "UDP"}]}]
                """);
        assertThat(groups().values())
                .filteredOn(m -> !m.getKind().equals(MemberKind.NetworkInterface.name()))
                .extracting(m -> m.getName() + " " + m.getAddresses())
                .containsExactlyInAnyOrder("vip-a [203.0.113.1]", "lb [203.0.113.4]");

        states.virtualIp("vip-b", Map.of("app", "web"), "203.0.113.2", "a");
        gone(Kind.topicOf("virtual-ip", "state"), "vip-a");
        assertThat(groups().values())
                .filteredOn(m -> m.getKind().equals(MemberKind.VirtualIP.name()))
                .extracting(GroupMember::getName)
                .containsExactly("vip-b");
        gone(PolicyTopology.INTERFACES, "net/a");
        assertThat(groups().values())
                .filteredOn(m -> m.getKind().equals(MemberKind.VirtualIP.name()))
                .isEmpty();
    }

    /**
     * From scratch: the rows that the policies and interfaces there are would make, by definition.
     */
    private static final class Model {
        final Map<String, Map<String, String>> labels = new TreeMap<>();
        final Map<String, String> networks = new TreeMap<>();
        final Map<String, NetworkPolicy.Present> policies = new TreeMap<>();

        Map<String, String> groups() {
            var rows = new TreeMap<String, String>();
            for (var compiled : compiled()) {
                for (var selection : compiled.selections()) {
                    labels.forEach((name, have) -> {
                        if (networks.get(name).equals(compiled.policy().network().name())
                                && selection.selector().matches(have)) {
                            rows.put(selection.group() + "/" + name, name);
                        }
                    });
                }
            }
            return rows;
        }

        Map<String, String> rules() {
            var rows = new TreeMap<String, String>();
            for (var compiled : compiled()) {
                for (var rule : compiled.rules()) {
                    String peer =
                            rule.peer() instanceof Peer.InGroup(var group) ? group : "everyone";
                    rows.put(
                            compiled.key() + "/" + rule.id(),
                            "%s %s %s %s"
                                    .formatted(
                                            rule.direction(),
                                            compiled.appliedTo(),
                                            peer,
                                            rule.path()));
                }
            }
            return rows;
        }

        private List<CompiledPolicy> compiled() {
            return policies.values().stream()
                    .map(p ->
                            PolicyCompiler.compile(new Policy(p.meta().key(), "", 1, 1, p.spec())))
                    .toList();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anyHistoryLeavesTheRowsThatAFreshStartWouldMake(long seed) {
        var random = new Random(seed);
        var model = new Model();
        network("net", NetworkState.Available);
        network("other", NetworkState.Pending);
        for (int step = 0; step < 80; step++) {
            String nic = "nic-" + random.nextInt(6);
            String policy = "policy-" + random.nextInt(4);
            switch (random.nextInt(6)) {
                case 0 -> {
                    gone(
                            PolicyTopology.INTERFACES,
                            model.networks.getOrDefault(nic, "net") + "/" + nic);
                    model.labels.remove(nic);
                }
                case 1 -> {
                    gone(KIND.commands(), policy);
                    model.policies.remove(policy);
                }
                case 2 -> {
                    var before = model.policies.get(policy);
                    policy(
                            policy,
                            before == null ? any(random, "net", "other") : before.spec().network(),
                            """
                            "networkInterfaceSelector": {"matchLabels": {"app": "%s"}},
                            "policyTypes": ["%s"],
                            "ingress": [{"ports": [{"port": %d}], "from": [
                                {"objectSelector": {"kind": "NetworkInterface", "matchLabels": {"app": "%s"}}},
                                {"objectSelector": {"kind": "NetworkInterface",
                                   "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["%s"]}]}}]},
                                {"ports": [{"protocol": "UDP"}]}]
                            """
                                    .formatted(
                                            any(random, "a", "b"),
                                            any(random, "Ingress", "Egress"),
                                            80 + random.nextInt(2),
                                            any(random, "a", "b", "c"),
                                            any(random, "a", "b", "c")));
                    model.policies.put(
                            policy,
                            (NetworkPolicy.Present)
                                    new NetworkPolicyCodec().state((SpecificRecord) state(policy)));
                }
                default -> {
                    var labels = new HashMap<String, String>();
                    if (random.nextInt(3) > 0) {
                        labels.put("app", any(random, "a", "b", "c"));
                    }
                    String network =
                            model.labels.containsKey(nic)
                                    ? model.networks.get(nic)
                                    : any(random, "net", "other");
                    nic(
                            nic,
                            network,
                            NetworkInterfaceState.Available,
                            labels,
                            "10.0.0." + (1 + random.nextInt(3)));
                    model.labels.put(nic, labels);
                    model.networks.put(nic, network);
                }
            }
        }
        var groups = new TreeMap<String, String>();
        groups().forEach((key, row) -> groups.put(key, row.getName()));
        assertThat(groups).isEqualTo(model.groups());
        var rules = new TreeMap<String, String>();
        rules().forEach((key, row) -> {
            if (row.getAction() == RuleAction.Allow) {
                rules.put(key, said(row));
            }
        });
        assertThat(rules).isEqualTo(model.rules());
        everySetIsProven();
        everyPolicyKnowsItsCounts(model);

        for (String policy : List.copyOf(model.policies.keySet())) {
            gone(KIND.commands(), policy);
        }
        assertThat(groups()).isEmpty();
        assertThat(rules()).isEmpty();
    }

    private static String any(Random random, String... some) {
        return some[random.nextInt(some.length)];
    }

    private static String said(Rule row) {
        String direction = row.getDirection().name();
        String path =
                "spec.%s[%d]".formatted(direction.toLowerCase(Locale.ROOT), row.getRuleIndex());
        if (row.getPeerIndex() != null) {
            path +=
                    ".%s[%d]"
                            .formatted(
                                    direction.equals("Ingress") ? "from" : "to",
                                    row.getPeerIndex());
        }
        return "%s %s %s %s"
                .formatted(
                        direction,
                        row.getAppliedTo(),
                        row.getPeerGroup() == null ? "everyone" : row.getPeerGroup(),
                        path);
    }

    /** Whoever holds all rows of a set finds the hash that the last record of the set told. */
    private void everySetIsProven() {
        var sets = new TreeMap<String, Hash>();
        groups().forEach((key, row) ->
                add(
                        sets,
                        row.getGroup(),
                        "%s\n%s\n%s"
                                .formatted(
                                        key, row.getUid(), String.join(",", row.getAddresses()))));
        rules().keySet().forEach(key -> add(sets, owner(key), key));
        var told = new TreeMap<String, String>();
        for (String topic : List.of(PolicyTopology.GROUPS, PolicyTopology.RULES)) {
            for (TestRecord<byte[], byte[]> record : cluster.records(topic)) {
                String set = owner(new String(record.key(), StandardCharsets.UTF_8));
                String hash =
                        new String(
                                record.headers().lastHeader(PublishedRows.SET_HASH).value(),
                                StandardCharsets.UTF_8);
                told.put(set, hash);
            }
        }
        told.values().removeIf(Hash.ZERO.toString()::equals);
        var proven = new TreeMap<String, String>();
        sets.forEach((set, hash) -> proven.put(set, hash.toString()));
        assertThat(proven).isEqualTo(told);
    }

    private static String owner(String key) {
        return key.substring(0, key.lastIndexOf('/'));
    }

    private static void add(Map<String, Hash> sets, String set, String row) {
        sets.merge(set, Hash.of(row), Hash::toggle);
    }

    private void everyPolicyKnowsItsCounts(Model model) {
        cluster.advance(Duration.ofSeconds(1));
        var expected = new ArrayList<String>();
        var found = new ArrayList<String>();
        model.policies.forEach((name, policy) -> {
            var compiled =
                    PolicyCompiler.compile(
                            new Policy(new ResourceKey("default", name), "", 1, 1, policy.spec()));
            long interfaces =
                    model.labels.entrySet().stream()
                            .filter(l ->
                                    model.networks.get(l.getKey()).equals(policy.spec().network()))
                            .filter(l -> policy.spec().appliesTo().selector().matches(l.getValue()))
                            .count();
            expected.add("%s %d %d".formatted(name, interfaces, compiled.rules().size()));
            var status = state(name).getStatus();
            found.add("%s %d %d".formatted(name, status.getInterfaces(), status.getRules()));
        });
        assertThat(found).isEqualTo(expected);
    }

    /** What is written here to {@code target/histories} was recorded when it was released. */
    @Test
    void recordedHistoriesStillMeanWhatTheyMeant() throws IOException {
        policy("p", "net", DB_FROM_WEB);
        network("net", NetworkState.Available);
        available("db-1", Map.of("app", "db"), "10.0.0.1");
        cluster.advance(Compiler.PAUSE);
        policy(
                "p",
                "net",
                """
                "networkInterfaceSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
                "policyTypes": ["Ingress", "Egress"],
                "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                                   {"objectSelector": {"kind": "VirtualIP"}}],
                            "ports": [{"protocol": "UDP", "port": 53, "endPort": 54}, {"protocol": "SCTP"}]}]
                """);
        gone(KIND.commands(), "p");
        RecordedHistories.write(
                KIND,
                cluster.values(KIND.events(), "default/p", NetworkPolicyEvent.class),
                Path.of("target/histories/network-policy-p-1.avro"));

        RecordedHistories.verify(KIND, Path.of("src/test/resources/histories"));
    }

    /** A task that was corrupted is initialised again on the same processor. */
    @Test
    void anEngineMadeAnewFromItsStoreGoesOnWhereItWas() {
        var again = new Restart(cluster.serdes());
        network("net", NetworkState.Available);
        policy("p", "net", DB_FROM_WEB);
        available("a", Map.of("app", "web"), "10.0.0.1");
        available("b", Map.of("app", "db"), "10.0.0.2");
        for (String topic : List.of(NETWORKS, PolicyTopology.INTENTS, PolicyTopology.INTERFACES)) {
            cluster.records(topic).forEach(r -> again.process(topic, r));
        }
        var before = again.takeRows();
        assertThat(before).isNotEmpty();

        again.restart();
        cluster.records(PolicyTopology.INTERFACES)
                .forEach(r -> again.process(PolicyTopology.INTERFACES, r));
        assertThat(again.takeRows()).as("nothing that was known is news").isEmpty();
        available("a", Map.of(), "10.0.0.1");
        again.process(
                PolicyTopology.INTERFACES, cluster.records(PolicyTopology.INTERFACES).getLast());
        assertThat(again.takeRows()).hasSize(1);
        again.tick();
        assertThat(again.takeObservations()).as("only the policy whose group changed").hasSize(1);
    }
}
