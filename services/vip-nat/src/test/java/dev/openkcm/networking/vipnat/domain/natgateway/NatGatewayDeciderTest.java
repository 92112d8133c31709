package dev.openkcm.networking.vipnat.domain.natgateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.vipnat.domain.Grant;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.Present;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGateway.State;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.AddressEmptied;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.Apply;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.Delete;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.Granted;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.PortsWithdrawn;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayCommand.ServiceObserved;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressAssigned;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressAwaited;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressReleased;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressReleasing;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressRequested;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.AddressRetained;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.Created;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.Deleted;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.DeletionRequested;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.ServiceChanged;
import dev.openkcm.networking.vipnat.domain.natgateway.NatGatewayEvent.Updated;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A NATGateway")
class NatGatewayDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final String UID = DeciderFixture.UID.toString();

    private final DeciderFixture<NatGateway, NatGatewayCommand, NatGatewayEvent> gateway =
            DeciderFixture.of(new NatGatewayDecider(), "default", "gw");

    private static NatGatewaySpec spec(Integer ports, Integer min, Integer max) {
        return new NatGatewaySpec("Public", "IPv4", "net", ports, min, max);
    }

    private static Apply apply(NatGatewaySpec spec) {
        return new Apply(NONE, NONE, spec);
    }

    private static Created created(int ports, int min, int max) {
        return new Created(NONE, NONE, spec(ports, min, max));
    }

    private static Service service(int used, int requested, Service.Use... uses) {
        return new Service(
                NetworkFact.Available,
                used,
                requested,
                0,
                List.of(),
                List.of(uses),
                Service.EMPTY_HASH);
    }

    private static Granted granted(String slot, String address, long sequence) {
        return new Granted(new Grant(UID, slot, address, "pool", null, null, sequence));
    }

    @Test
    void fillsInWhatWasLeftOut() {
        gateway.given()
                .when(apply(new NatGatewaySpec("public", "IPv4", "net", null, null, null)))
                .then(created(2048, 1, 10), new AddressRequested("ip1"));
    }

    @Test
    void isUnchangedByTheSameAgainWithOrWithoutDefaults() {
        gateway.given(created(2048, 1, 10), new AddressRequested("ip1"))
                .when(apply(new NatGatewaySpec("public", "IPv4", "net", null, null, null)))
                .thenNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 3, 65, 65536, 64512})
    void refusesPortsThatAreNoPowerOfTwo(int ports) {
        gateway.given()
                .when(apply(spec(ports, null, null)))
                .thenInvalid("FieldValueInvalid spec.portsPerNetworkInterface");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64, 2048, 32768})
    void takesEveryPowerOfTwo(int ports) {
        assertThat(
                        ((Present) gateway.given().when(apply(spec(ports, null, null))).state())
                                .spec()
                                .slots())
                .isEqualTo(64512 / ports);
    }

    @Test
    void refusesOtherFamiliesAndNetworksThanBefore() {
        gateway.given(created(2048, 1, 10))
                .when(apply(new NatGatewaySpec("Public", "IPv6", "other", 2048, 1, 10)))
                .thenInvalid("FieldValueForbidden spec", "FieldValueForbidden spec");
    }

    @ParameterizedTest(name = "{0} interfaces")
    @CsvSource({
        "0, 1", "1, 1", "31, 1", "32, 2", "61, 2", "62, 2", "63, 3", "310, 10", "311, 10", "400, 10"
    })
    void needsAsManyAddressesAsTheInterfacesFill(int requested, int addresses) {
        var service = service(requested, requested);
        assertThat(NatGatewayDecider.needed(spec(2048, 1, 10), service)).isEqualTo(addresses);
    }

    @Test
    void needsRoomForWhoeverWaitsForPortsThatRest() {
        var service =
                new Service(
                        NetworkFact.Available, 0, 1, 1, List.of("a"), List.of(), "0".repeat(32));
        assertThat(NatGatewayDecider.needed(spec(32768, 1, 10), service)).isEqualTo(2);
    }

    @Test
    void doesNotAskAgainForWhatItWaitsFor() {
        gateway.given(
                        created(32768, 1, 10),
                        new AddressRequested("ip1"),
                        new AddressAssigned("ip1", "203.0.113.0", "pool"),
                        new ServiceChanged(service(1, 2, new Service.Use("ip1", 1))),
                        new AddressRequested("ip2"))
                .when(new ServiceObserved(UID, service(1, 2, new Service.Use("ip1", 1))))
                .thenNothing();
    }

    @Test
    void givesUpOnlyWhatServesNobody() {
        var before =
                new NatGatewayEvent[] {
                    created(32768, 1, 10),
                    new AddressRequested("ip1"),
                    new AddressRequested("ip2"),
                    new AddressAssigned("ip1", "203.0.113.0", "pool"),
                    new AddressAssigned("ip2", "203.0.113.1", "pool")
                };
        var tail = service(1, 1, new Service.Use("ip2", 1));
        gateway.given(before)
                .when(new ServiceObserved(UID, tail))
                .then(new ServiceChanged(tail), new AddressReleasing("ip1", "203.0.113.0"));
        var both = service(2, 2, new Service.Use("ip1", 1), new Service.Use("ip2", 1));
        gateway.given(before).when(new ServiceObserved(UID, both)).then(new ServiceChanged(both));
    }

    @Test
    void keepsAnAddressThatIsNeededAfterAll() {
        var one = service(1, 1, new Service.Use("ip1", 1));
        var before =
                new NatGatewayEvent[] {
                    created(32768, 1, 10),
                    new AddressRequested("ip1"),
                    new AddressRequested("ip2"),
                    new AddressAssigned("ip1", "203.0.113.0", "pool"),
                    new AddressAssigned("ip2", "203.0.113.1", "pool"),
                    new ServiceChanged(one),
                    new AddressReleasing("ip2", "203.0.113.1") // The seventh event.
                };
        gateway.given(before)
                .when(new AddressEmptied(UID, "ip2", 7))
                .then(new AddressReleased("ip2", "203.0.113.1"));
        gateway.given(before).when(new AddressEmptied(UID, "ip2", 5)).thenNothing();
        var two = service(1, 2, new Service.Use("ip1", 1));
        gateway.given(before)
                .when(new ServiceObserved(UID, two))
                .then(new ServiceChanged(two), new AddressRetained("ip2", "203.0.113.1"));
    }

    @Test
    void passesOverAnAnswerToAnEarlierWish() {
        var before =
                new NatGatewayEvent[] {
                    created(2048, 1, 10),
                    new AddressRequested("ip1"),
                    new AddressReleased("ip1", null),
                    new AddressRequested("ip1") // The fourth event.
                };
        gateway.given(before).when(granted("ip1", "203.0.113.0", 2)).thenNothing();
        gateway.given(before)
                .when(granted("ip1", "203.0.113.1", 4))
                .then(new AddressAssigned("ip1", "203.0.113.1", "pool"));
        gateway.given(before).when(granted("ip9", "203.0.113.1", 4)).thenNothing();
    }

    @Test
    void isNotMovedByWhatIsToldOfAnEarlierOneOfTheSameName() {
        gateway.given(created(2048, 1, 10), new AddressRequested("ip1"))
                .when(new ServiceObserved("another", service(1, 1)))
                .thenNothing();
    }

    @Test
    void refusesMoreAtLeastThanAtMost() {
        gateway.given()
                .when(apply(spec(2048, 3, 2)))
                .thenInvalid("FieldValueInvalid spec.minPublicIPs");
        gateway.given()
                .when(apply(spec(2048, -1, 0)))
                .thenInvalid(
                        "FieldValueInvalid spec.minPublicIPs",
                        "FieldValueInvalid spec.maxPublicIPs");
        gateway.given()
                .when(apply(spec(2048, 101, 101)))
                .thenInvalid(
                        "FieldValueInvalid spec.minPublicIPs",
                        "FieldValueInvalid spec.maxPublicIPs");
    }

    /** A maximum that was left out is no maximum of zero. */
    @Test
    void takesAMinimumWithoutAMaximum() {
        var events = new ArrayList<NatGatewayEvent>();
        events.add(created(2048, 12, 12));
        for (int i = 1; i <= 12; i++) {
            events.add(new AddressRequested("ip" + i));
        }
        gateway.given()
                .when(apply(spec(2048, 12, null)))
                .then(events.toArray(NatGatewayEvent[]::new));
        gateway.given()
                .when(apply(spec(2048, 3, null)))
                .then(
                        created(2048, 3, 10),
                        new AddressRequested("ip1"),
                        new AddressRequested("ip2"),
                        new AddressRequested("ip3"));
    }

    @Test
    void needsTypeFamilyAndNetwork() {
        gateway.given()
                .when(apply(new NatGatewaySpec("", "", "", null, null, null)))
                .thenInvalid(
                        "FieldValueRequired spec.type",
                        "FieldValueRequired spec.ipFamily",
                        "FieldValueRequired spec.networkRef");
        gateway.given()
                .when(apply(new NatGatewaySpec("Private", "IPv5", "Not a name", 64, 1, 1)))
                .thenInvalid(
                        "FieldValueNotSupported spec.type",
                        "FieldValueNotSupported spec.ipFamily",
                        "FieldValueInvalid spec.networkRef.name");
    }

    @Test
    void asksForNoAddressWhenNoneIsTheMinimumAndNobodyIsThere() {
        gateway.given().when(apply(spec(2048, 0, 10))).then(created(2048, 0, 10));
        gateway.given(created(2048, 0, 10))
                .when(new ServiceObserved(UID, service(0, 1)))
                .then(new ServiceChanged(service(0, 1)), new AddressRequested("ip1"));
    }

    @Test
    void showsWhyItWaitsForAnAddress() {
        var told =
                new Granted(
                        new Grant(UID, "ip1", null, null, "AddressesExhausted", "none is free", 2));
        var waits = new AddressAwaited("ip1", "AddressesExhausted", "none is free");
        var after =
                (Present)
                        gateway.given(created(2048, 1, 10), new AddressRequested("ip1"))
                                .when(told)
                                .then(waits)
                                .state();
        var condition =
                Condition.find(after.conditions(), NatGatewayDecider.ADDRESSES_ALLOCATED)
                        .orElseThrow();
        assertThat(condition.status()).isEqualTo(Condition.Status.False);
        assertThat(condition.reason()).isEqualTo("AddressesExhausted");
        assertThat(condition.message()).isEqualTo("none is free");
        assertThat(after.state()).isEqualTo(State.Pending);
        gateway.given(created(2048, 1, 10), new AddressRequested("ip1"), waits)
                .when(told)
                .thenNothing();
    }

    @Test
    void withdrawsAWishThatIsStillOpenFirst() {
        var nobody = service(0, 0);
        gateway.given(
                        created(2048, 1, 10),
                        new AddressRequested("ip1"),
                        new AddressAssigned("ip1", "203.0.113.0", "pool"),
                        new ServiceChanged(service(31, 32, new Service.Use("ip1", 31))),
                        new AddressRequested("ip2"))
                .when(new ServiceObserved(UID, nobody))
                .then(new ServiceChanged(nobody), new AddressReleased("ip2", null));
    }

    @Test
    void growsAndShrinksWhenTheLimitsChange() {
        var before =
                new NatGatewayEvent[] {
                    created(2048, 1, 10),
                    new AddressRequested("ip1"),
                    new AddressAssigned("ip1", "203.0.113.0", "pool")
                };
        gateway.given(before)
                .when(apply(spec(2048, 2, 10)))
                .then(new Updated(NONE, NONE, spec(2048, 2, 10)), new AddressRequested("ip2"));
        gateway.given(before)
                .when(apply(spec(2048, 0, 10)))
                .then(
                        new Updated(NONE, NONE, spec(2048, 0, 10)),
                        new AddressReleasing("ip1", "203.0.113.0"));
    }

    @Test
    void countsWhomItDoesNotServe() {
        var full =
                new Service(
                        NetworkFact.Available,
                        1,
                        3,
                        0,
                        List.of("b", "c"),
                        List.of(new Service.Use("ip1", 1)),
                        Service.EMPTY_HASH);
        var after =
                (Present)
                        gateway.given(
                                        created(32768, 1, 1),
                                        new AddressRequested("ip1"),
                                        new AddressAssigned("ip1", "203.0.113.0", "pool"))
                                .when(new ServiceObserved(UID, full))
                                .then(new ServiceChanged(full))
                                .state();
        var condition =
                Condition.find(after.conditions(), NatGatewayDecider.ALL_SERVED).orElseThrow();
        assertThat(condition.reason()).isEqualTo("PortsExhausted");
        assertThat(condition.message()).isEqualTo("2 of 3 interfaces are not served");
        assertThat(after.service().unserved()).containsExactly("b", "c");
    }

    @Test
    void isOverWhenNobodyHasPortsAnyMore() {
        var requested =
                gateway.given(created(2048, 1, 10), new AddressRequested("ip1"))
                        .when(new Delete())
                        .then(new DeletionRequested())
                        .state();
        assertThat(((Present) requested).state()).isEqualTo(State.Deleting);
        assertThat(requested)
                .extracting(g -> ((Present) g).conditions())
                .satisfies(c ->
                        assertThat(Condition.find(c, NatGatewayDecider.PORTS_WITHDRAWN))
                                .map(Condition::reason)
                                .contains("Withdrawing"));
        var after = deleting().when(new PortsWithdrawn(UID)).then(new Deleted()).state();
        assertThat(after).isInstanceOf(NatGateway.Absent.class);
        gateway.given().when(new Delete()).thenRejected(Rejection.Reason.NotFound);
        gateway.given().when(granted("ip1", "203.0.113.0", 2)).thenNothing();
        gateway.given().when(new ServiceObserved(UID, service(1, 1))).thenNothing();
        gateway.given().when(new AddressEmptied(UID, "ip1", 3)).thenNothing();
        gateway.given().when(new PortsWithdrawn(UID)).thenNothing();
    }

    private DeciderFixture<NatGateway, NatGatewayCommand, NatGatewayEvent>.Given deleting() {
        return gateway.given(
                created(2048, 1, 10), new AddressRequested("ip1"), new DeletionRequested());
    }

    @Test
    void changesNoMoreWhileItIsBeingDeleted() {
        deleting().when(apply(spec(64, 1, 10))).thenRejected(Rejection.Reason.Conflict);
        deleting().when(new Delete()).thenNothing();
        deleting().when(granted("ip1", "203.0.113.0", 2)).thenNothing();
        deleting().when(new ServiceObserved(UID, service(1, 99))).thenNothing();
        deleting().when(new PortsWithdrawn("another")).thenNothing();
        gateway.given(created(2048, 1, 10)).when(new PortsWithdrawn(UID)).thenNothing();
    }

    @Test
    void isFullAtItsMaximumOrWhenThePoolsAreExhausted() {
        assertThat(full(created(2048, 1, 2), new AddressRequested("ip1"))).isFalse();
        assertThat(
                        full(
                                created(2048, 1, 2),
                                new AddressRequested("ip1"),
                                new AddressAwaited("ip1", "AddressesExhausted", "none is free")))
                .isTrue();
        assertThat(
                        full(
                                created(2048, 1, 2),
                                new AddressRequested("ip1"),
                                new AddressAssigned("ip1", "203.0.113.0", "pool")))
                .isFalse();
        assertThat(
                        full(
                                created(2048, 1, 1),
                                new AddressRequested("ip1"),
                                new AddressAssigned("ip1", "203.0.113.0", "pool")))
                .isTrue();
    }

    private boolean full(NatGatewayEvent... events) {
        return ((Present) gateway.given(events).state()).full();
    }
}
