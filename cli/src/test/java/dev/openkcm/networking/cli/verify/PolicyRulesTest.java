package dev.openkcm.networking.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.schemas.common.v1.LabelSelector;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.networkpolicy.v1.Direction;
import dev.openkcm.networking.schemas.networkpolicy.v1.GroupMember;
import dev.openkcm.networking.schemas.networkpolicy.v1.IPBlock;
import dev.openkcm.networking.schemas.networkpolicy.v1.IngressRule;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyPeer;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyPort;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicySpec;
import dev.openkcm.networking.schemas.networkpolicy.v1.ObjectSelector;
import dev.openkcm.networking.schemas.networkpolicy.v1.Rule;
import dev.openkcm.networking.schemas.networkpolicy.v1.RuleAction;
import dev.openkcm.networking.schemas.networkpolicy.v1.RulePeer;
import dev.openkcm.networking.schemas.networkpolicy.v1.RulePort;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Rows of a policy that are sound pass; each way of spoiling them is found. */
class PolicyRulesTest {
    private static final String CHECK = "rules and groups = policies and selectors, read anew";

    /** What the services would have written, to be spoilt before it is. */
    private static final class Rows {
        /** By id; the denying one last. */
        final Map<String, Rule> rules = new LinkedHashMap<>();

        final Map<String, GroupMember> members = new TreeMap<>();
        int interfaces = 2;
        int allowing = 2;
        String ruleHash = "";
        String groupHash = "";

        Rows() {
            allow("r1", 0, rule -> rule.setPeer(RulePeer.Group).setPeerGroup("g"));
            allow(
                    "r2",
                    1,
                    rule ->
                            rule.setPeer(RulePeer.Ranges)
                                    .setPeerRanges(List.of("10.0.0.0", "10.0.0.2/31")));
            rules.put("r3", rule("r3").setAction(RuleAction.Deny).build());
            member("g", "one", "u1", "10.0.0.1");
            member("g", "two", "u2");
        }

        private static Rule.Builder rule(String id) {
            return Rule.newBuilder()
                    .setId(id)
                    .setNamespace("ns")
                    .setPolicy("p")
                    .setUid("up")
                    .setNetwork("a")
                    .setOwnerVersion(1)
                    .setSetHash("")
                    .setDirection(Direction.Ingress)
                    .setAppliedTo("g");
        }

        void allow(String id, int peer, Consumer<Rule.Builder> more) {
            var rule =
                    rule(id).setAction(RuleAction.Allow)
                            .setPorts(List.of(new RulePort("TCP", 80, 82)))
                            .setRuleIndex(0)
                            .setPeerIndex(peer);
            more.accept(rule);
            rules.put(id, rule.build());
        }

        void member(String group, String name, String uid, String... addresses) {
            members.put(
                    group + "/" + name,
                    GroupMember.newBuilder()
                            .setGroup(group)
                            .setNamespace("ns")
                            .setNetwork("a")
                            .setKind("NetworkInterface")
                            .setName(name)
                            .setUid(uid)
                            .setOwnerVersion(2)
                            .setSetHash("")
                            .setAddresses(List.of(addresses))
                            .build());
        }

        /** Every row carries the hash of its set, as it is in the end. */
        List<LogRecord> records() {
            var log = new WrittenLog();
            log.network("ns/a", "ua", 200, "ns/b", "ub");
            log.network("ns/b", "ub", 201, "ns/a", "ua");
            log.nic("ns/one", "u1", "a", "10.0.0.1", null);
            log.nic("ns/two", "u2", "a", "10.0.0.1", "NetworkInterface one");
            log.nic("ns/elsewhere", "u3", "b", "10.0.0.1", null);
            log.policy("ns/p", "up", spec(), interfaces, allowing);
            var ruleSet = new SetHash();
            rules.keySet().forEach(id -> ruleSet.toggle("ns/p/" + id));
            ruleHash = ruleHash.isEmpty() ? ruleSet.text() : ruleHash;
            rules.forEach((id, rule) ->
                    log.add(
                            "openkcm.network-policy.rules.v1",
                            "ns/p/" + id,
                            Rule.newBuilder(rule).setSetHash(ruleHash).build(),
                            Map.of()));
            var groupSet = new SetHash();
            members.forEach((key, member) -> {
                if (key.startsWith("g/")) {
                    groupSet.toggle(
                            "%s\n%s\n%s"
                                    .formatted(
                                            key,
                                            member.getUid(),
                                            String.join(",", member.getAddresses())));
                }
            });
            groupHash = groupHash.isEmpty() ? groupSet.text() : groupHash;
            members.forEach((key, member) ->
                    log.add(
                            "openkcm.network-policy.groups.v1",
                            key,
                            GroupMember.newBuilder(member).setSetHash(groupHash).build(),
                            Map.of()));
            return log.records();
        }
    }

    /** All interfaces, let in on ports 80 to 82 by all, and by four addresses without one. */
    private static NetworkPolicySpec spec() {
        var all = ObjectSelector.newBuilder().setKind("NetworkInterface").build();
        return NetworkPolicySpec.newBuilder()
                .setNetworkRef(new LocalReference("a"))
                .setNetworkInterfaceSelector(new LabelSelector(Map.of(), List.of()))
                .setPolicyTypes(List.of("Ingress"))
                .setIngress(
                        List.of(
                                new IngressRule(
                                        List.of(
                                                new NetworkPolicyPort("TCP", 81, 82),
                                                new NetworkPolicyPort("TCP", 80, null)),
                                        List.of(
                                                new NetworkPolicyPeer(null, all),
                                                new NetworkPolicyPeer(
                                                        new IPBlock(
                                                                "10.0.0.0/30",
                                                                List.of("10.0.0.1/32")),
                                                        null),
                                                new NetworkPolicyPeer(null, all)))))
                .build();
    }

    private static List<String> failing(Instant now, Consumer<Rows> spoiling) {
        var rows = new Rows();
        spoiling.accept(rows);
        var verification = new Verification(Verification.IdRange.STANDARD, now);
        rows.records().forEach(verification::take);
        var failing = new ArrayList<String>();
        for (var tally : verification.report(List.of())) {
            if (!tally.differences().isEmpty()) {
                failing.add(tally.check());
            }
        }
        return failing;
    }

    private static void finds(Consumer<Rows> spoiling) {
        assertThat(failing(WrittenLog.NOW, spoiling)).containsExactly(CHECK);
    }

    @Test
    void soundRowsHaveNoDifferences() {
        assertThat(failing(WrittenLog.NOW, _ -> {})).isEmpty();
    }

    @Test
    void aLostRuleIsFound() {
        finds(rows -> rows.rules.remove("r2"));
        finds(rows -> rows.rules.remove("r3"));
    }

    @Test
    void aRuleThatThePolicyDoesNotHaveIsFound() {
        finds(rows -> {
            rows.allow("r0", 3, rule -> rule.setPeer(RulePeer.Everyone));
            rows.allowing++;
        });
    }

    @Test
    void aRuleThatSaysSomethingElseIsFound() {
        finds(rows ->
                rows.rules.computeIfPresent(
                        "r1",
                        (_, rule) ->
                                Rule.newBuilder(rule)
                                        .setPorts(List.of(new RulePort("TCP", 80, 81)))
                                        .build()));
        finds(rows ->
                rows.rules.computeIfPresent(
                        "r2",
                        (_, rule) ->
                                Rule.newBuilder(rule)
                                        .setPeerRanges(List.of("10.0.0.0/30"))
                                        .build()));
    }

    @Test
    void twoGroupsForOneSelectorAreFound() {
        finds(rows -> {
            rows.rules.computeIfPresent(
                    "r1", (_, rule) -> Rule.newBuilder(rule).setPeerGroup("h").build());
            rows.member("h", "one", "u1", "10.0.0.1");
            rows.member("h", "two", "u2");
        });
    }

    @Test
    void aWrongMemberIsFound() {
        finds(rows -> rows.members.remove("g/two"));
        finds(rows -> rows.member("g", "elsewhere", "u3", "10.0.0.1"));
        finds(rows -> rows.member("g", "two", "u2", "10.0.0.1"));
        finds(rows -> rows.member("g", "one", "u0", "10.0.0.1"));
    }

    @Test
    void aGroupThatNobodyRefersToIsFound() {
        finds(rows -> rows.member("old", "one", "u1", "10.0.0.1"));
    }

    @Test
    void aHashThatDoesNotProveTheSetIsFound() {
        finds(rows -> rows.ruleHash = "0".repeat(32));
        finds(rows -> rows.groupHash = "0".repeat(32));
    }

    /** A tombstone that followed may be gone by then. */
    @Test
    void anOldRowOfAGroupNeedNotProveTheSet() {
        var later = WrittenLog.NOW.plus(Duration.ofDays(2));
        assertThat(failing(later, rows -> rows.groupHash = "0".repeat(32))).isEmpty();
    }

    @Test
    void aStatusThatCountsOtherwiseIsFound() {
        finds(rows -> rows.interfaces = 1);
        finds(rows -> rows.allowing = 3);
    }
}
