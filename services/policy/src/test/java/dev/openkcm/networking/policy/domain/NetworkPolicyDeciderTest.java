package dev.openkcm.networking.policy.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.policy.domain.NetworkPolicy.Present;
import dev.openkcm.networking.policy.domain.NetworkPolicy.State;
import dev.openkcm.networking.policy.domain.PolicyCommand.Apply;
import dev.openkcm.networking.policy.domain.PolicyCommand.Compilation;
import dev.openkcm.networking.policy.domain.PolicyEvent.Compiled;
import dev.openkcm.networking.policy.domain.PolicyEvent.Created;
import dev.openkcm.networking.policy.domain.PolicyEvent.Updated;
import dev.openkcm.networking.policy.domain.PolicySpec.Block;
import dev.openkcm.networking.policy.domain.PolicySpec.Expression;
import dev.openkcm.networking.policy.domain.PolicySpec.Labels;
import dev.openkcm.networking.policy.domain.PolicySpec.Peer;
import dev.openkcm.networking.policy.domain.PolicySpec.Port;
import dev.openkcm.networking.policy.domain.PolicySpec.Rule;
import dev.openkcm.networking.policy.domain.PolicySpec.Selected;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayName("A NetworkPolicy")
class NetworkPolicyDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final Labels EVERY = new Labels(NONE, List.of());
    private static final Port ANY_TCP = new Port("TCP", null, null);
    private static final Port POSTGRES = new Port("TCP", 5432, null);

    private final DeciderFixture<NetworkPolicy, PolicyCommand, PolicyEvent> policy =
            DeciderFixture.of(new NetworkPolicyDecider(), "default", "policy");

    private static Peer block(String cidr, String... except) {
        return new Peer(new Block(cidr, List.of(except)), null);
    }

    private static Peer selected(String kind, Expression... expressions) {
        return new Peer(null, new Selected(kind, new Labels(NONE, List.of(expressions))));
    }

    private static Rule rule(List<Port> ports, Peer... peers) {
        return new Rule(ports, List.of(peers));
    }

    private static PolicySpec spec(List<String> types, List<Rule> ingress, List<Rule> egress) {
        return new PolicySpec("net", EVERY, types, ingress, egress);
    }

    private static PolicySpec ingress(Rule... rules) {
        return spec(List.of("Ingress"), List.of(rules), List.of());
    }

    private static Apply apply(PolicySpec spec) {
        return new Apply(NONE, NONE, spec);
    }

    private static Created created(PolicySpec spec) {
        return new Created(NONE, NONE, spec);
    }

    private DeciderFixture<NetworkPolicy, PolicyCommand, PolicyEvent>.When applied(
            PolicySpec spec) {
        return policy.given().when(apply(spec));
    }

    @Nested
    class GetsDefaults {

        @Test
        void directionsThatHaveRulesAreAddedToTheTypesWhichAreThenSorted() {
            var rules = List.of(rule(List.of(POSTGRES)));
            applied(spec(List.of("Ingress"), List.of(), rules))
                    .then(created(spec(List.of("Egress", "Ingress"), List.of(), rules)));
            applied(spec(List.of(), rules, List.of()))
                    .then(created(spec(List.of("Ingress"), rules, List.of())));
        }

        @Test
        void typesThatAreCompleteStayInTheirOrder() {
            var given = spec(List.of("Ingress", "Egress"), List.of(), List.of());
            applied(given).then(created(given));
        }

        @Test
        void theProtocolIsTcp() {
            applied(ingress(rule(List.of(new Port("", 80, null)))))
                    .then(created(ingress(rule(List.of(new Port("TCP", 80, null))))));
        }

        @Test
        void theSameAgainWithoutThemChangesNothing() {
            var given = spec(List.of(), List.of(rule(List.of(new Port("", 80, 90)))), List.of());
            policy.given(created(ingress(rule(List.of(new Port("TCP", 80, 90))))))
                    .when(apply(given))
                    .thenNothing();
        }
    }

    @Nested
    class IsRefused {

        @Test
        void withoutNetworkSelectorOrAnythingToDo() {
            applied(new PolicySpec("", null, List.of(), List.of(), List.of()))
                    .thenInvalid(
                            "FieldValueRequired spec.networkRef",
                            "FieldValueRequired spec.networkInterfaceSelector",
                            "FieldValueRequired spec.policyTypes");
        }

        @Test
        void withoutPortsAndIsToldHowToAllowAll() {
            var refused = applied(ingress(rule(List.of(), block("10.0.0.0/8"))));
            refused.thenInvalid("FieldValueRequired spec.ingress[0].ports");
            assertThat(refused.causes().getFirst().message()).contains("[{protocol: TCP}]");
        }

        @Test
        void withTypesTwiceOrUnknown() {
            applied(spec(List.of("Ingress", "ingress", "Ingress"), List.of(), List.of()))
                    .thenInvalid(
                            "FieldValueNotSupported spec.policyTypes[1]",
                            "FieldValueDuplicate spec.policyTypes[2]");
        }

        @Test
        void withPeersOfNeitherFormOrBoth() {
            var both =
                    new Peer(
                            new Block("10.0.0.0/8", List.of()),
                            new Selected("NetworkInterface", EVERY));
            applied(ingress(rule(List.of(ANY_TCP), new Peer(null, null), both)))
                    .thenInvalid(
                            "FieldValueRequired spec.ingress[0].from[0]",
                            "FieldValueForbidden spec.ingress[0].from[1].ipBlock");
        }

        @Test
        void withBlocksThatAreNoneAndExceptsOutsideOfTheirs() {
            applied(
                            spec(
                                    List.of("Egress"),
                                    List.of(),
                                    List.of(
                                            rule(
                                                    List.of(ANY_TCP),
                                                    block("10.0.0.1/8"),
                                                    block("10.0.0.0/8", "11.0.0.0/16", "x"),
                                                    block("::/0", "10.0.0.0/8"),
                                                    block("10.0.0.0/8", "10.0.0.0/8")))))
                    .thenInvalid(
                            "FieldValueInvalid spec.egress[0].to[0].ipBlock.cidr",
                            "FieldValueForbidden spec.egress[0].to[1].ipBlock.except[0]",
                            "FieldValueInvalid spec.egress[0].to[1].ipBlock.except[1]",
                            "FieldValueForbidden spec.egress[0].to[2].ipBlock.except[0]");
        }

        @Test
        void withPortsThatAreNone() {
            applied(
                            ingress(
                                    rule(
                                            List.of(
                                                    new Port("tcp", 0, null),
                                                    new Port("TCP", null, 90),
                                                    new Port("UDP", 80, 79),
                                                    new Port("SCTP", 80, 65536),
                                                    new Port("UDP", 65536, null)))))
                    .thenInvalid(
                            "FieldValueNotSupported spec.ingress[0].ports[0].protocol",
                            "FieldValueInvalid spec.ingress[0].ports[0].port",
                            "FieldValueForbidden spec.ingress[0].ports[1].endPort",
                            "FieldValueForbidden spec.ingress[0].ports[2].endPort",
                            "FieldValueInvalid spec.ingress[0].ports[3].endPort",
                            "FieldValueInvalid spec.ingress[0].ports[4].port");
        }

        @Test
        void withSelectorsThatCantBeRead() {
            applied(
                            ingress(
                                    rule(
                                            List.of(ANY_TCP),
                                            selected("Pod"),
                                            selected("", new Expression("", "In", List.of())),
                                            selected(
                                                    "VirtualIP",
                                                    new Expression("a", "Is", List.of()),
                                                    new Expression("a", "NotIn", List.of()),
                                                    new Expression("a", "Exists", List.of("b"))))))
                    .thenInvalid(
                            "FieldValueNotSupported spec.ingress[0].from[0].objectSelector.kind",
                            "FieldValueRequired spec.ingress[0].from[1].objectSelector.kind",
                            "FieldValueRequired"
                                    + " spec.ingress[0].from[1].objectSelector.matchExpressions[0].key",
                            "FieldValueRequired"
                                    + " spec.ingress[0].from[1].objectSelector.matchExpressions[0].values",
                            "FieldValueNotSupported"
                                    + " spec.ingress[0].from[2].objectSelector.matchExpressions[0].operator",
                            "FieldValueRequired"
                                    + " spec.ingress[0].from[2].objectSelector.matchExpressions[1].values",
                            "FieldValueForbidden"
                                    + " spec.ingress[0].from[2].objectSelector.matchExpressions[2].values");
        }

        @Test
        void whenItMovesToAnotherNetwork() {
            policy.given(created(ingress()))
                    .when(
                            apply(
                                    new PolicySpec(
                                            "other",
                                            EVERY,
                                            List.of("Ingress"),
                                            List.of(),
                                            List.of())))
                    .thenInvalid("FieldValueForbidden spec.networkRef");
        }
    }

    @Nested
    class WhenCompiled {

        private final Created deny = created(ingress());

        private Compilation told(NetworkFact network, String... dangling) {
            return new Compilation(network, 1, 3, 7, List.of(dangling));
        }

        private Present after(Compilation told) {
            return (Present) policy.given(deny).when(new PolicyCommand.Compiled(told)).state();
        }

        private static Condition condition(Present policy, String type) {
            return Condition.find(policy.conditions(), type).orElseThrow();
        }

        @Test
        void isAvailableAndCounts() {
            var present = after(told(NetworkFact.Available));
            assertThat(present.state()).isEqualTo(State.Available);
            assertThat(present.interfaces()).isEqualTo(3);
            assertThat(present.rules()).isEqualTo(7);
            assertThat(condition(present, "Compiled"))
                    .returns(Condition.Status.True, Condition::status)
                    .returns(1L, Condition::observedGeneration);
            assertThat(Condition.find(present.conditions(), "SelectsNothing")).isEmpty();
        }

        @Test
        void waitsForItsNetwork() {
            var present = after(told(NetworkFact.Missing));
            assertThat(present.state()).isEqualTo(State.Pending);
            assertThat(condition(present, "Compiled").reason()).isEqualTo("NetworkMissing");
        }

        @Test
        void saysWhichSelectorsFindNothing() {
            var present = after(told(NetworkFact.Available, "spec.networkInterfaceSelector"));
            assertThat(present.state()).isEqualTo(State.Available);
            assertThat(condition(present, "SelectsNothing"))
                    .returns(Condition.Status.True, Condition::status)
                    .returns(
                            "nothing matches now: spec.networkInterfaceSelector",
                            Condition::message);
        }

        @Test
        void hearsTheSameOnce() {
            var told = told(NetworkFact.Available);
            policy.given(deny, new Compiled(told))
                    .when(new PolicyCommand.Compiled(told))
                    .thenNothing();
        }

        @Test
        void isNotMisledByWhatWasSaidOfAnEarlierSpec() {
            var changed = ingress(rule(List.of(ANY_TCP)));
            var updated = new Updated(NONE, NONE, changed);
            policy.given(deny, updated)
                    .when(new PolicyCommand.Compiled(told(NetworkFact.Available)))
                    .thenNothing();
            var present =
                    (Present)
                            policy.given(deny, new Compiled(told(NetworkFact.Available)))
                                    .when(apply(changed))
                                    .state();
            assertThat(present.state()).isEqualTo(State.Pending);
            assertThat(condition(present, "Compiled"))
                    .returns(Condition.Status.Unknown, Condition::status)
                    .returns(2L, Condition::observedGeneration);
        }
    }
}
