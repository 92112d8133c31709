package dev.openkcm.networking.loadbalancer.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.Present;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancer.State;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.AddressGranted;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.Apply;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.GrantEnded;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.RoutingEnded;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerCommand.VirtualIpObserved;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.Created;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.Deleted;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.DeletionRequested;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.NetworkAnswered;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.PublicAddressChanged;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.Updated;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.VirtualIpAttached;
import dev.openkcm.networking.loadbalancer.domain.LoadBalancerEvent.VirtualIpAwaited;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayName("A LoadBalancer")
class LoadBalancerDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final String UID = DeciderFixture.UID.toString();
    private static final InterfaceSelector WEB =
            new InterfaceSelector(new TreeMap<>(java.util.Map.of("app", "web")), List.of());

    private final DeciderFixture<LoadBalancer, LoadBalancerCommand, LoadBalancerEvent> balancer =
            DeciderFixture.of(new LoadBalancerDecider(), "default", "lb");

    private static LoadBalancerSpec publicSpec(String... families) {
        return withVirtualIps(List.of(families));
    }

    private static LoadBalancerSpec withVirtualIps(List<String> families, String... virtualIps) {
        return new LoadBalancerSpec(
                "Public",
                families,
                List.of(),
                "net",
                WEB,
                List.of(virtualIps),
                List.of(new Port("TCP", 80, null)));
    }

    private static LoadBalancerSpec internalSpec(String... ips) {
        return new LoadBalancerSpec(
                "Internal",
                List.of(),
                List.of(ips),
                "net",
                WEB,
                List.of(),
                List.of(new Port("TCP", 80, null)));
    }

    private static LoadBalancerSpec withPorts(Port... ports) {
        return new LoadBalancerSpec(
                "Public", List.of("IPv4"), List.of(), "net", null, List.of(), List.of(ports));
    }

    private static Port port(String protocol, int port, @Nullable Integer end) {
        return new Port(protocol, port, end);
    }

    private static Apply apply(LoadBalancerSpec spec) {
        return new Apply(NONE, NONE, spec);
    }

    private static Created created(LoadBalancerSpec spec) {
        return new Created(NONE, NONE, spec.withDefaults());
    }

    private static NetworkAnswered network(NetworkFact fact, HeldAddress... conflicts) {
        return new NetworkAnswered(fact, 1, List.of(conflicts));
    }

    private static PublicAddressChanged granted(String slot, String ip) {
        return new PublicAddressChanged(slot, ip, null, null);
    }

    private Present given(LoadBalancerEvent... events) {
        return (Present) balancer.given(events).state();
    }

    private static String reason(Present present, String type) {
        return Condition.find(present.conditions(), type).orElseThrow().reason();
    }

    @Nested
    class WhenApplied {

        @Test
        void isCreatedAsThePageShows() {
            balancer.given().when(apply(publicSpec("IPv4"))).then(created(publicSpec("IPv4")));
        }

        @Test
        void infersFamiliesFromAddresses() {
            var spec = internalSpec("10.0.0.5", "fd00::5").withDefaults();
            assertThat(spec.ipFamilies()).containsExactly("IPv4", "IPv6");
            balancer.given().when(apply(internalSpec("10.0.0.5", "fd00::5"))).then(created(spec));
        }

        @Test
        void isUnchangedByTheSame() {
            balancer.given(created(publicSpec("IPv4")))
                    .when(apply(publicSpec("IPv4")))
                    .thenNothing();
        }

        @Test
        void tellsEveryCause() {
            var nothing =
                    new LoadBalancerSpec("", List.of(), List.of(), "", null, List.of(), List.of());
            balancer.given()
                    .when(apply(nothing))
                    .thenInvalid(
                            "FieldValueRequired spec.type",
                            "FieldValueRequired spec.ipFamilies",
                            "FieldValueRequired spec.networkRef",
                            "FieldValueRequired spec.ports");
        }

        @Test
        void checksEachPortOnce() {
            balancer.given()
                    .when(
                            apply(
                                    withPorts(
                                            port("TCP", 0, null),
                                            port("TCP", 70_000, null),
                                            port("ICMP", 1, null),
                                            port("TCP", 10, 9),
                                            port("TCP", 10, 70_000),
                                            port("SCTP", 65_535, 65_535))))
                    .thenInvalid(
                            "FieldValueInvalid spec.ports[0].port",
                            "FieldValueInvalid spec.ports[1].port",
                            "FieldValueNotSupported spec.ports[2].protocol",
                            "FieldValueForbidden spec.ports[3].endPort",
                            "FieldValueInvalid spec.ports[4].endPort");
        }

        @Test
        void reportsAnOverlapOnceOnTheLaterPort() {
            balancer.given()
                    .when(
                            apply(
                                    withPorts(
                                            port("TCP", 80, 90),
                                            port("UDP", 85, null),
                                            port("TCP", 90, 95),
                                            port("TCP", 85, 92),
                                            port("TCP", 96, null))))
                    .thenInvalid(
                            "FieldValueForbidden spec.ports[2]",
                            "FieldValueForbidden spec.ports[3]");
        }

        @Test
        void keepsTypeAndNetwork() {
            var other =
                    new LoadBalancerSpec(
                            "Internal",
                            List.of("IPv4"),
                            List.of("10.0.0.1"),
                            "other",
                            WEB,
                            List.of(),
                            List.of(new Port("TCP", 80, null)));
            balancer.given(created(publicSpec("IPv4")))
                    .when(apply(other))
                    .thenInvalid(
                            "FieldValueForbidden spec.type", "FieldValueForbidden spec.networkRef");
        }

        @Test
        void letsOnlyInternalOnesChooseAddresses() {
            var spec =
                    new LoadBalancerSpec(
                            "Public",
                            List.of("IPv4"),
                            List.of("10.0.0.1"),
                            "net",
                            WEB,
                            List.of(),
                            List.of(new Port("TCP", 80, null)));
            balancer.given().when(apply(spec)).thenInvalid("FieldValueForbidden spec.ips");
        }

        @Test
        void wantsOneAddressPerFamilyOfAnInternalOne() {
            var spec =
                    new LoadBalancerSpec(
                            "Internal",
                            List.of("IPv4", "IPv6"),
                            List.of("fd00::1"),
                            "net",
                            WEB,
                            List.of("vip"),
                            List.of(new Port("TCP", 80, null)));
            balancer.given()
                    .when(apply(spec))
                    .thenInvalid(
                            "FieldValueInvalid spec.ips[0]",
                            "FieldValueInvalid spec.ips",
                            "FieldValueForbidden spec.virtualIPRefs");
        }

        @Test
        void takesAtMostOneVirtualIpPerFamily() {
            balancer.given()
                    .when(apply(withVirtualIps(List.of("IPv4"), "a", "a")))
                    .thenInvalid(
                            "FieldValueDuplicate spec.virtualIPRefs[1]",
                            "FieldValueInvalid spec.virtualIPRefs");
        }

        @Test
        void readsSelectorsAsKubernetesDoes() {
            var expressions =
                    List.of(
                            new InterfaceSelector.Expression("app", "In", List.of()),
                            new InterfaceSelector.Expression("app", "Exists", List.of("x")),
                            new InterfaceSelector.Expression("", "in", List.of()));
            var spec =
                    new LoadBalancerSpec(
                            "Public",
                            List.of("IPv4"),
                            List.of(),
                            "net",
                            new InterfaceSelector(new TreeMap<>(), expressions),
                            List.of(),
                            List.of(new Port("TCP", 80, null)));
            String path = "spec.networkInterfaceSelector.matchExpressions";
            balancer.given()
                    .when(apply(spec))
                    .thenInvalid(
                            "FieldValueRequired " + path + "[0].values",
                            "FieldValueForbidden " + path + "[1].values",
                            "FieldValueRequired " + path + "[2].key",
                            "FieldValueNotSupported " + path + "[2].operator");
        }
    }

    @Nested
    class WithPublicAddresses {

        @Test
        void claimsOnePerFamilyAndIsAvailableOnceItHasThem() {
            var waiting =
                    given(created(publicSpec("IPv4", "IPv6")), network(NetworkFact.Available));
            assertThat(waiting.facts().publicAddresses())
                    .extracting(PublicAddress::slot)
                    .containsExactly("ipv4", "ipv6");
            assertThat(waiting.state()).isEqualTo(State.Pending);
            assertThat(reason(waiting, "AddressesReady")).isEqualTo("AddressesPending");

            var served =
                    given(
                            created(publicSpec("IPv6", "IPv4")),
                            granted("ipv4", "203.0.113.1"),
                            network(NetworkFact.Available),
                            granted("ipv6", "2001:db8:100::1"));
            assertThat(served.state()).isEqualTo(State.Available);
            assertThat(served.ips()).containsExactly("2001:db8:100::1", "203.0.113.1");
        }

        @Test
        void keepsItsAddressWhenItChanges() {
            var changed =
                    given(
                            created(publicSpec("IPv4")),
                            network(NetworkFact.Available),
                            granted("ipv4", "203.0.113.1"),
                            new Updated(NONE, NONE, publicSpec("IPv6", "IPv4")));
            assertThat(changed.ips()).containsExactly("203.0.113.1");
            assertThat(changed.facts().publicAddresses())
                    .extracting(PublicAddress::claim)
                    .containsExactly(1L, 4L);
            assertThat(changed.state()).isEqualTo(State.Pending);
        }

        @Test
        void givesUpTheAddressOfAFamilyItNoLongerHas() {
            var changed =
                    given(
                            created(publicSpec("IPv4", "IPv6")),
                            granted("ipv4", "203.0.113.1"),
                            new Updated(NONE, NONE, publicSpec("IPv6")));
            assertThat(changed.facts().publicAddresses())
                    .extracting(PublicAddress::slot)
                    .containsExactly("ipv6");
            assertThat(changed.ips()).isEmpty();
        }

        @Test
        void passesOverWhatAnswersSomebodyElse() {
            var given = balancer.given(created(publicSpec("IPv4")));
            given.when(new AddressGranted("other", "ipv4", 1, "203.0.113.1", null, null))
                    .thenNothing();
            given.when(new AddressGranted(UID, "ipv4", 0, "203.0.113.1", null, null)).thenNothing();
            given.when(new AddressGranted(UID, "ipv6", 1, "2001:db8::1", null, null)).thenNothing();
            given.when(new GrantEnded("ipv4")).thenNothing();
            given.when(new AddressGranted(UID, "ipv4", 1, "203.0.113.1", null, null))
                    .then(granted("ipv4", "203.0.113.1"));
        }

        @Test
        void saysThatThePoolsAreExhaustedAndRecovers() {
            var exhausted =
                    balancer.given(created(publicSpec("IPv4")), network(NetworkFact.Available))
                            .when(
                                    new AddressGranted(
                                            UID, "ipv4", 1, null, "AddressesExhausted", "none"));
            exhausted.then(new PublicAddressChanged("ipv4", null, "AddressesExhausted", "none"));
            assertThat(((Present) exhausted.state()).state()).isEqualTo(State.Error);
            assertThat(reason((Present) exhausted.state(), "AddressesReady"))
                    .isEqualTo("AddressesExhausted");

            var recovered =
                    given(
                            created(publicSpec("IPv4")),
                            network(NetworkFact.Available),
                            new PublicAddressChanged("ipv4", null, "AddressesExhausted", "none"),
                            granted("ipv4", "203.0.113.1"));
            assertThat(recovered.state()).isEqualTo(State.Available);
        }
    }

    @Nested
    class WithVirtualIps {

        @Test
        void aFamilyThatTheBalancerLacksIsAnError() {
            var mismatch = new AwaitedVirtualIp("vip", "IPFamilyMismatch", "of another family");
            var told =
                    given(
                            created(withVirtualIps(List.of("IPv4"), "vip")),
                            network(NetworkFact.Available),
                            new VirtualIpAwaited(mismatch));
            assertThat(told.state()).isEqualTo(State.Error);
            assertThat(reason(told, "AddressesReady")).isEqualTo("IPFamilyMismatch");
        }

        @Test
        void whatAVirtualIpThatIsNotNamedSaysDoesNotMatter() {
            var unnamed = new AwaitedVirtualIp("other", "VirtualIPInUse", "by another");
            balancer.given(created(withVirtualIps(List.of("IPv4"), "vip")))
                    .when(new LoadBalancerCommand.VirtualIpAwaited(unnamed))
                    .thenNothing();
        }

        private final LoadBalancerEvent attached =
                new VirtualIpAttached(new FrontEnd("vip", "203.0.113.9"));

        @Test
        void waitsForThemAndClaimsNothingElse() {
            var waiting =
                    given(
                            created(withVirtualIps(List.of("IPv4"), "vip")),
                            network(NetworkFact.Available));
            assertThat(waiting.facts().publicAddresses()).isEmpty();
            assertThat(reason(waiting, "AddressesReady")).isEqualTo("VirtualIPPending");
            var used = new AwaitedVirtualIp("vip", "VirtualIPInUse", "in use by LoadBalancer a");
            var told =
                    given(
                            created(withVirtualIps(List.of("IPv4"), "vip")),
                            network(NetworkFact.Available),
                            new VirtualIpAwaited(used));
            assertThat(reason(told, "AddressesReady")).isEqualTo("VirtualIPInUse");
            assertThat(told.state()).isEqualTo(State.Pending);

            var served =
                    given(
                            created(withVirtualIps(List.of("IPv4"), "vip")),
                            network(NetworkFact.Available),
                            attached);
            assertThat(served.state()).isEqualTo(State.Available);
            assertThat(served.ips()).containsExactly("203.0.113.9");
        }

        @Test
        void claimsTheFamilyThatNoVirtualIpServes() {
            var families = List.of("IPv4", "IPv6");
            var before = given(created(withVirtualIps(families, "vip")));
            assertThat(before.facts().publicAddresses()).isEmpty();

            var after = given(created(withVirtualIps(families, "vip")), attached);
            assertThat(after.facts().publicAddresses())
                    .extracting(PublicAddress::slot)
                    .containsExactly("ipv6");

            var detached =
                    given(
                            created(withVirtualIps(families, "vip")),
                            attached,
                            granted("ipv6", "2001:db8:100::1"),
                            new LoadBalancerEvent.VirtualIpDetached(
                                    new FrontEnd("vip", "203.0.113.9")));
            assertThat(detached.ips()).containsExactly("2001:db8:100::1");
        }

        @Test
        void refusesOneOfAFamilyItDoesNotHave() {
            var wrong = given(created(withVirtualIps(List.of("IPv6"), "vip")), attached);
            assertThat(wrong.state()).isEqualTo(State.Error);
            assertThat(reason(wrong, "AddressesReady")).isEqualTo("VirtualIPFamilyNotSupported");
            assertThat(wrong.ips()).isEmpty();
        }

        @Test
        void hearsEachNewsOnce() {
            var given = balancer.given(created(withVirtualIps(List.of("IPv4"), "vip")), attached);
            var frontEnd = new FrontEnd("vip", "203.0.113.9");
            given.when(new VirtualIpObserved(frontEnd, true)).thenNothing();
            given.when(new VirtualIpObserved(new FrontEnd("vip", "203.0.113.8"), false))
                    .thenNothing();
            given.when(new VirtualIpObserved(frontEnd, false))
                    .then(new LoadBalancerEvent.VirtualIpDetached(frontEnd));
        }
    }

    @Nested
    class Internal {

        private final HeldAddress held =
                new HeldAddress("10.0.0.5", "NetworkInterface nic", "10.0.0.5");

        @Test
        void holdsItsAddressesOrSaysWhoDoes() {
            var available =
                    given(created(internalSpec("10.0.0.5")), network(NetworkFact.Available));
            assertThat(available.state()).isEqualTo(State.Available);
            assertThat(available.ips()).containsExactly("10.0.0.5");
            assertThat(available.facts().publicAddresses()).isEmpty();

            var conflict =
                    given(created(internalSpec("10.0.0.5")), network(NetworkFact.Available, held));
            assertThat(conflict.state()).isEqualTo(State.Error);
            assertThat(conflict.ips()).isEmpty();
            assertThat(reason(conflict, "AddressesReady")).isEqualTo("AddressInUse");
        }

        @Test
        void passesOverAnswersToEarlierClaims() {
            var given =
                    balancer.given(
                            created(internalSpec("10.0.0.5")),
                            network(NetworkFact.Available),
                            new Updated(NONE, NONE, internalSpec("10.0.0.6").withDefaults()));
            assertThat(((Present) given.state()).state()).isEqualTo(State.Pending);
            given.when(
                            new LoadBalancerCommand.NetworkAnswered(
                                    UID, NetworkFact.Available, 1, List.of()))
                    .thenNothing();
            given.when(
                            new LoadBalancerCommand.NetworkAnswered(
                                    "other", NetworkFact.Available, 2, List.of()))
                    .thenNothing();
            given.when(
                            new LoadBalancerCommand.NetworkAnswered(
                                    UID, NetworkFact.Available, 2, List.of()))
                    .then(new NetworkAnswered(NetworkFact.Available, 2, List.of()));
        }
    }

    @Test
    void worksOnWhileTheDeletionOfItsNetworkWaits() {
        var working =
                given(
                        created(internalSpec("10.0.0.5")),
                        network(NetworkFact.Available),
                        network(NetworkFact.Deleting));
        assertThat(working.state()).isEqualTo(State.Available);
        var late = given(created(internalSpec("10.0.0.5")), network(NetworkFact.Deleting));
        assertThat(late.state()).isEqualTo(State.Pending);
    }

    @Test
    void goesOnceItsDestinationsAreWithdrawn() {
        var created = created(publicSpec("IPv4"));
        var requested =
                balancer.given(created)
                        .when(new LoadBalancerCommand.Delete())
                        .then(new DeletionRequested());
        var waiting = (Present) requested.state();
        assertThat(waiting.state()).isEqualTo(State.Deleting);
        assertThat(waiting.meta().deleting()).isTrue();
        assertThat(reason(waiting, LoadBalancerDecider.ROUTING_ENDED)).isEqualTo("Withdrawing");
        assertThat(waiting.facts().publicAddresses()).isNotEmpty();

        var given = balancer.given(created, new DeletionRequested());
        given.when(new LoadBalancerCommand.Delete()).thenNothing();
        given.when(apply(publicSpec("IPv6"))).thenRejected(Rejection.Reason.Conflict);
        given.when(new RoutingEnded("earlier")).thenNothing();
        given.when(new RoutingEnded(UID)).then(new Deleted());
        balancer.given(created).when(new RoutingEnded(UID)).thenNothing();
        balancer.given().when(new RoutingEnded(UID)).thenNothing();
    }

    @Test
    void staysDeletingWhateverItIsTold() {
        var waiting =
                given(
                        created(publicSpec("IPv4")),
                        new DeletionRequested(),
                        network(NetworkFact.Available),
                        granted("ipv4", "203.0.113.7"));
        assertThat(waiting.state()).isEqualTo(State.Deleting);
        assertThat(reason(waiting, LoadBalancerDecider.ROUTING_ENDED)).isEqualTo("Withdrawing");
    }

    @Test
    void isNotFoundOnceGone() {
        balancer.given()
                .when(new LoadBalancerCommand.Delete())
                .thenRejected(Rejection.Reason.NotFound);
    }
}
