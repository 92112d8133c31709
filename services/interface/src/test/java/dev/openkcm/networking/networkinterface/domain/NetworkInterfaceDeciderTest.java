package dev.openkcm.networking.networkinterface.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.Apply;
import dev.openkcm.networking.networkinterface.domain.InterfaceCommand.VirtualIpObserved;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.AddressesAnswered;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.Created;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.Updated;
import dev.openkcm.networking.networkinterface.domain.InterfaceEvent.VirtualIpAttached;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.Present;
import dev.openkcm.networking.networkinterface.domain.NetworkInterface.State;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayName("A NetworkInterface")
class NetworkInterfaceDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final InterfaceSpec SPEC = spec(List.of("IPv4"), "10.0.0.1");
    private static final Created CREATED = new Created(NONE, NONE, SPEC);
    private static final AddressesAnswered HELD =
            new AddressesAnswered(NetworkFact.Available, 1, List.of());

    private final DeciderFixture<NetworkInterface, InterfaceCommand, InterfaceEvent> nic =
            DeciderFixture.of(new NetworkInterfaceDecider(), "default", "nic");

    private static InterfaceSpec spec(List<String> families, String... ips) {
        return spec("net", families, List.of(ips), null);
    }

    private static InterfaceSpec spec(
            String network, List<String> families, List<String> ips, String node) {
        return new InterfaceSpec(network, families, ips, List.of(), null, null, node, NONE, null);
    }

    private static Apply apply(InterfaceSpec spec) {
        return new Apply(NONE, NONE, spec);
    }

    private static InterfaceCommand answer(
            NetworkFact network, long claim, AddressInUse... conflicts) {
        return new InterfaceCommand.AddressesAnswered(network, claim, null, List.of(conflicts));
    }

    private State stateAfter(InterfaceCommand answer, InterfaceEvent... before) {
        return ((Present) nic.given(before).when(answer).state()).state();
    }

    @Test
    void anAnswerToWhoHadTheNameBeforeIsPassedOver() {
        var late =
                new InterfaceCommand.AddressesAnswered(
                        NetworkFact.Available,
                        1,
                        "d0d0cafe-0000-4000-8000-000000000000",
                        List.of());
        nic.given(new Created(NONE, NONE, spec("n", List.of("IPv4"), List.of("10.0.0.1"), null)))
                .when(late)
                .thenNothing();
    }

    @Nested
    class WhenApplied {

        @Test
        void takesTheFamiliesFromItsAddresses() {
            nic.given()
                    .when(apply(spec(List.of(), "10.0.0.1", "2001:db8::1")))
                    .then(
                            new Created(
                                    NONE,
                                    NONE,
                                    spec(List.of("IPv4", "IPv6"), "10.0.0.1", "2001:db8::1")));
        }

        @Test
        void isUnchangedByTheSameAgain() {
            nic.given(CREATED, HELD).when(apply(spec(List.of(), "10.0.0.1"))).thenNothing();
        }

        @Test
        void tellsEveryCause() {
            nic.given()
                    .when(apply(spec("", List.of("IPv4", "ipv6", "IPv4"), List.of("x"), null)))
                    .thenInvalid(
                            "FieldValueRequired spec.networkRef",
                            "FieldValueNotSupported spec.ipFamilies[1]",
                            "FieldValueDuplicate spec.ipFamilies[2]",
                            "FieldValueInvalid spec.ips[0]");
        }

        @Test
        void wantsAnAddressPerFamilyAndOfItsFamily() {
            nic.given()
                    .when(apply(spec(List.of("IPv4", "IPv6"), "10.0.0.1")))
                    .thenInvalid("FieldValueInvalid spec.ips");
            nic.given()
                    .when(apply(spec(List.of("IPv6"), "10.0.0.1")))
                    .thenInvalid("FieldValueInvalid spec.ips[0]");
            nic.given()
                    .when(apply(spec(List.of())))
                    .thenInvalid("FieldValueRequired spec.ipFamilies");
        }

        @Test
        void neverMovesToAnotherNetworkOrFamily() {
            nic.given(CREATED)
                    .when(apply(spec("other", List.of("IPv6"), List.of("2001:db8::1"), null)))
                    .thenInvalid("FieldValueForbidden spec", "FieldValueForbidden spec");
        }

        @Test
        void keepsItsAddressesWhileAttached() {
            var attached = spec("net", List.of("IPv4"), List.of("10.0.0.1"), "node-1");
            nic.given(new Created(NONE, NONE, attached))
                    .when(apply(spec("net", List.of("IPv4"), List.of("10.0.0.2"), "node-1")))
                    .thenInvalid("FieldValueForbidden spec.ips");
        }
    }

    @Nested
    class WhenAnswered {

        @Test
        void isAvailableOnceItHoldsItsAddressesInAnAvailableNetwork() {
            var state = (Present) nic.given(CREATED).when(answer(NetworkFact.Available, 1)).state();
            assertThat(state.state()).isEqualTo(State.Available);
            assertThat(state.ips()).containsExactly("10.0.0.1");
        }

        @Test
        void isPendingWithoutANetwork() {
            assertThat(stateAfter(answer(NetworkFact.Missing, 1), CREATED))
                    .isEqualTo(State.Pending);
            assertThat(stateAfter(answer(NetworkFact.Deleting, 1), CREATED))
                    .isEqualTo(State.Pending);
        }

        @Test
        void goesOnWorkingWhileTheDeletionOfItsNetworkWaits() {
            assertThat(stateAfter(answer(NetworkFact.Deleting, 1), CREATED, HELD))
                    .isEqualTo(State.Available);
        }

        @Test
        void isAnErrorThatNamesTheHolderAndRecovers() {
            var conflict = new AddressInUse("10.0.0.1", "NetworkInterface other", "10.0.0.1");
            var when = nic.given(CREATED).when(answer(NetworkFact.Available, 1, conflict));
            var state = (Present) when.state();
            assertThat(state.state()).isEqualTo(State.Error);
            assertThat(state.ips()).isEmpty();
            assertThat(state.conditions())
                    .anyMatch(c -> c.message().contains("held by NetworkInterface other"));

            var refused = new AddressesAnswered(NetworkFact.Available, 1, List.of(conflict));
            assertThat(stateAfter(answer(NetworkFact.Available, 1), CREATED, refused))
                    .isEqualTo(State.Available);
        }

        @Test
        void ignoresAnAnswerToAnEarlierClaim() {
            nic.given(CREATED, HELD, new Updated(NONE, NONE, spec(List.of("IPv4"), "10.0.0.2")))
                    .when(answer(NetworkFact.Available, 1))
                    .thenNothing();
        }

        @Test
        void showsTheVirtualIpThatTargetsIt() {
            var when =
                    nic.given(CREATED, HELD)
                            .when(new VirtualIpObserved("vip", "203.0.113.7", true, "", null));
            when.then(new VirtualIpAttached("vip", "203.0.113.7"));
            assertThat(((Present) when.state()).virtualIp()).hasValue("203.0.113.7");
        }
    }

    @Nested
    class ThatHasPorts {

        private final NatRange range = new NatRange("gw", "203.0.113.9", 1024, 3071);

        private InterfaceCommand observed(String uid, NatRange ports) {
            return new InterfaceCommand.NatRangeObserved("gw", uid, ports);
        }

        @Test
        void showsThemUntilTheyAreTakenBack() {
            var given = nic.given(CREATED, HELD);
            var when = given.when(observed(DeciderFixture.UID.toString(), range));
            when.then(new InterfaceEvent.NatRangeChanged("gw", range));
            assertThat(((Present) when.state()).natRanges()).containsExactly(range);
            nic.given(CREATED, HELD, new InterfaceEvent.NatRangeChanged("gw", range))
                    .when(observed("", null))
                    .then(new InterfaceEvent.NatRangeChanged("gw", null));
        }

        @Test
        void doesNotShowThoseOfAnEarlierOneOfTheSameName() {
            nic.given(CREATED, HELD).when(observed("another", range)).thenNothing();
        }
    }

    @Nested
    class ThatNamesAVirtualIp {

        private final Created created =
                new Created(
                        NONE,
                        NONE,
                        new InterfaceSpec(
                                "net",
                                List.of("IPv4"),
                                List.of("10.0.0.1"),
                                List.of(),
                                new InterfaceSpec.VirtualIpSource("vip"),
                                null,
                                null,
                                NONE,
                                null));

        private String reason(InterfaceEvent... events) {
            return dev.openkcm.networking.kernel.Condition.find(
                            ((Present) nic.given(events).state()).conditions(),
                            NetworkInterfaceDecider.VIRTUAL_IP_ATTACHED)
                    .map(dev.openkcm.networking.kernel.Condition::reason)
                    .orElse("none");
        }

        @Test
        void tellsWhyItDoesNotHaveIt() {
            assertThat(reason(created)).isEqualTo("Pending");
            var waiting = new VirtualIpObserved.Waiting("VirtualIPInUse", "by another");
            nic.given(created)
                    .when(new VirtualIpObserved("vip", "", false, "", waiting))
                    .then(
                            new InterfaceEvent.VirtualIpAwaited(
                                    "vip", "VirtualIPInUse", "by another"));
            nic.given(created)
                    .when(new VirtualIpObserved("not-named", "", false, "", waiting))
                    .thenNothing();
            assertThat(reason(created, new VirtualIpAttached("vip", "203.0.113.7")))
                    .isEqualTo("Attached");
            assertThat(reason(CREATED)).isEqualTo("none");
        }
    }
}
