package dev.openkcm.networking.network.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.network.domain.NetworkCommand.Apply;
import dev.openkcm.networking.network.domain.NetworkCommand.Delete;
import dev.openkcm.networking.network.domain.NetworkCommand.OfferId;
import dev.openkcm.networking.network.domain.NetworkCommand.OverlapObserved;
import dev.openkcm.networking.network.domain.NetworkCommand.PeerObserved;
import dev.openkcm.networking.network.domain.NetworkCommand.UsersChanged;
import dev.openkcm.networking.network.domain.NetworkEvent.Created;
import dev.openkcm.networking.network.domain.NetworkEvent.Deleted;
import dev.openkcm.networking.network.domain.NetworkEvent.DeletionBlocked;
import dev.openkcm.networking.network.domain.NetworkEvent.DeletionRequested;
import dev.openkcm.networking.network.domain.NetworkEvent.IdAssigned;
import dev.openkcm.networking.network.domain.NetworkEvent.IdsExhausted;
import dev.openkcm.networking.network.domain.NetworkEvent.OverlapChanged;
import dev.openkcm.networking.network.domain.NetworkEvent.PeeringChanged;
import dev.openkcm.networking.network.domain.NetworkEvent.Updated;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayName("A Network")
class NetworkDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final Peering TO_B = new Peering("to-b", null, "b", List.of());
    private static final ResourceKey B = new ResourceKey("default", "b");
    private static final IncomingPeering FROM_B = new IncomingPeering("default", "b", "uid-b");
    private static final String PROVIDER_ID =
            ProviderId.of("system", DeciderFixture.UID, 200).toString();
    private static final IdAssigned ASSIGNED = new IdAssigned(200, PROVIDER_ID);
    private static final PeeringStatus BOUND = PeeringStatus.bound(TO_B, null);
    private static final Users ONE_USER =
            new Users(1, List.of(new Blocker("NetworkInterface", "nic", "uid-nic")));

    private final DeciderFixture<Network, NetworkCommand, NetworkEvent> network =
            DeciderFixture.of(new NetworkDecider("system"), "default", "a");

    private static Created created(Peering... peerings) {
        return new Created(NONE, NONE, List.of(peerings));
    }

    private static Apply apply(IdOffer offer, Peering... peerings) {
        return new Apply(NONE, NONE, List.of(peerings), List.of(), null, offer);
    }

    private static Apply apply(Peering... peerings) {
        return apply(new IdOffer.Free(200), peerings);
    }

    private static Peering peering(
            String name, @Nullable String namespace, String target, Peering.Prefix... prefixes) {
        return new Peering(name, namespace, target, List.of(prefixes));
    }

    @Nested
    class WhenApplied {

        @Test
        void getsAnIdInTheSameDecision() {
            network.given().when(apply()).then(created(), ASSIGNED);
        }

        @Test
        void isAvailableWithAProviderIdMadeOfUidAndId() {
            var state = (Network.Present) network.given().when(apply()).state();
            assertThat(state.state()).isEqualTo(Network.State.Available);
            assertThat(state.providerId())
                    .matches("OpenKCM-net://system/" + DeciderFixture.UID + "/200/[0-9a-f-]{36}");
        }

        @Test
        void isAnErrorWithAReasonWhileNoIdIsFree() {
            var when = network.given().when(apply(new IdOffer.Exhausted("none left")));
            when.then(created(), new IdsExhausted("none left"));
            var state = (Network.Present) when.state();
            assertThat(state.state()).isEqualTo(Network.State.Error);
            assertThat(Condition.find(state.conditions(), "Available"))
                    .hasValueSatisfying(
                            c -> assertThat(c.reason()).isEqualTo("NetworkIDsExhausted"));
        }

        @Test
        void getsTheIdThatBecomesFree() {
            network.given(created(), new IdsExhausted("none left"))
                    .when(new OfferId(200))
                    .then(ASSIGNED);
        }

        @Test
        void isUnchangedByTheSameAgain() {
            network.given(created(TO_B), ASSIGNED).when(apply(TO_B)).thenNothing();
        }

        @Test
        void isUnchangedWhenSystemFieldsAreRepeated() {
            network.given(created(TO_B), ASSIGNED, new PeeringChanged(BOUND, FROM_B))
                    .when(
                            new Apply(
                                    NONE,
                                    NONE,
                                    List.of(TO_B),
                                    List.of(new IncomingPeering("", "b", "")),
                                    PROVIDER_ID,
                                    new IdOffer.Unknown()))
                    .thenNothing();
        }

        @Test
        void refusesSystemFieldsSetOtherwise() {
            network.given(created(), ASSIGNED)
                    .when(
                            new Apply(
                                    NONE,
                                    NONE,
                                    List.of(),
                                    List.of(FROM_B),
                                    "OpenKCM-net://x",
                                    new IdOffer.Unknown()))
                    .thenInvalid(
                            "FieldValueForbidden spec.providerID",
                            "FieldValueForbidden spec.incomingPeerings[0]");
        }

        @Test
        void countsAGenerationForASpecAndNoneForLabels() {
            var labels = new TreeMap<>(java.util.Map.of("app", "web"));
            var relabelled =
                    (Network.Present)
                            network.given(created(), new Updated(labels, NONE, List.of())).state();
            var respecified =
                    (Network.Present)
                            network.given(created(), new Updated(NONE, NONE, List.of(TO_B)))
                                    .state();
            assertThat(relabelled.meta().generation()).isEqualTo(1);
            assertThat(respecified.meta().generation()).isEqualTo(2);
        }
    }

    @Nested
    class WhenValidated {

        @Test
        void tellsEveryCauseWithItsPath() {
            network.given()
                    .when(
                            apply(
                                    peering("P", null, "b"),
                                    peering("self", null, "a"),
                                    peering("c", null, ""),
                                    peering("d", "Bad", "d"),
                                    peering("e", null, "e"),
                                    peering("e", "default", "e")))
                    .thenInvalid(
                            "FieldValueInvalid spec.peerings[0].name",
                            "FieldValueForbidden spec.peerings[1].networkRef",
                            "FieldValueRequired spec.peerings[2].networkRef.name",
                            "FieldValueInvalid spec.peerings[3].networkRef.namespace",
                            "FieldValueDuplicate spec.peerings[5].name",
                            "FieldValueDuplicate spec.peerings[5].networkRef");
        }

        @Test
        void takesSeveralLiteralPrefixesButNoNameTwice() {
            network.given()
                    .when(
                            apply(
                                    peering(
                                            "b",
                                            null,
                                            "b",
                                            new Peering.Prefix("one", "10.0.0.0/24", null),
                                            new Peering.Prefix("two", "10.0.1.0/24", null)),
                                    peering(
                                            "c",
                                            null,
                                            "c",
                                            new Peering.Prefix("one", "10.0.2.0/24", null))))
                    .thenInvalid("FieldValueDuplicate spec.peerings[1].prefixes[0].name");
        }

        @Test
        void wantsExactlyOneOfPrefixAndPrefixRef() {
            network.given()
                    .when(
                            apply(
                                    peering(
                                            "b",
                                            null,
                                            "b",
                                            new Peering.Prefix("none", null, null),
                                            new Peering.Prefix("both", "10.0.0.0/8", "p"),
                                            new Peering.Prefix("bad", "10.0.0.1/8", null))))
                    .thenInvalid(
                            "FieldValueRequired spec.peerings[0].prefixes[0]",
                            "FieldValueForbidden spec.peerings[0].prefixes[1].prefixRef",
                            "FieldValueForbidden spec.peerings[0].prefixes[2].prefix");
        }
    }

    @Nested
    class WhenPeering {

        @Test
        void isBoundOnceThePeerIsAvailableAndRefersBack() {
            network.given(created(TO_B), ASSIGNED)
                    .when(new PeerObserved(B, "uid-b", true, true))
                    .then(new PeeringChanged(BOUND, FROM_B));
        }

        @Test
        void tellsWhatIsMissing() {
            assertThat(reasonAfter(new PeerObserved(B, null, false, false)))
                    .isEqualTo("PeerMissing");
            assertThat(reasonAfter(new PeerObserved(B, "uid-b", true, false)))
                    .isEqualTo("PeerDoesNotReference");
            assertThat(reasonAfter(new PeerObserved(B, "uid-b", false, true)))
                    .isEqualTo("PeerNotAvailable");
        }

        private @Nullable String reasonAfter(PeerObserved observed) {
            var state =
                    (Network.Present) network.given(created(TO_B), ASSIGNED).when(observed).state();
            return state.statuses().getFirst().reason();
        }

        @Test
        void ignoresWhatItKnowsAndWhomItNoLongerWants() {
            network.given(created(TO_B), ASSIGNED, new PeeringChanged(BOUND, FROM_B))
                    .when(new PeerObserved(B, "uid-b", true, true))
                    .thenNothing();
            network.given(created(), ASSIGNED)
                    .when(new PeerObserved(B, "uid-b", true, true))
                    .thenNothing();
        }

        @Test
        void notesThatThePeerWasCreatedAnew() {
            network.given(created(TO_B), ASSIGNED, new PeeringChanged(BOUND, FROM_B))
                    .when(new PeerObserved(B, "uid-b2", true, true))
                    .then(new PeeringChanged(BOUND, new IncomingPeering("default", "b", "uid-b2")));
        }

        @Test
        void exportsNothingWhileAPrefixIsUnresolved() {
            var filtered = peering("to-b", null, "b", new Peering.Prefix("p", null, "some-prefix"));
            var state =
                    (Network.Present)
                            network.given(created(filtered), ASSIGNED)
                                    .when(new PeerObserved(B, "uid-b", true, true))
                                    .state();
            var status = state.statuses().getFirst();
            assertThat(status.phase()).isEqualTo(PeeringStatus.Phase.Bound);
            assertThat(status.state()).isEqualTo(PeeringStatus.State.Pending);
            assertThat(status.reason()).isEqualTo("PrefixesUnresolved");
        }

        @Test
        void forgetsThePeerWithThePeering() {
            var state =
                    (Network.Present)
                            network.given(
                                            created(TO_B),
                                            ASSIGNED,
                                            new PeeringChanged(BOUND, FROM_B))
                                    .when(apply())
                                    .state();
            assertThat(state.incoming()).isEmpty();
            assertThat(state.statuses()).isEmpty();
        }

        @Test
        void warnsOfAddressesThatOverlapWithoutRefusingThem() {
            var when =
                    network.given(created(TO_B), ASSIGNED, new PeeringChanged(BOUND, FROM_B))
                            .when(new OverlapObserved(B, "10.0.0.1 is on both sides"));
            when.then(new OverlapChanged(B, "10.0.0.1 is on both sides"));
            var state = (Network.Present) when.state();
            assertThat(Condition.find(state.conditions(), "AddressesOverlap"))
                    .hasValueSatisfying(c -> assertThat(c.message()).contains("10.0.0.1"));
        }
    }

    @Nested
    class WhenDeleted {

        @Test
        void isGoneWhenNothingUsesIt() {
            network.given(created(), ASSIGNED)
                    .when(new Delete(Users.NONE))
                    .then(new DeletionRequested(), new Deleted());
        }

        @Test
        void waitsForWhatUsesItAndNamesIt() {
            var when = network.given(created(), ASSIGNED).when(new Delete(ONE_USER));
            when.then(new DeletionRequested(), new DeletionBlocked(ONE_USER));
            var state = (Network.Present) when.state();
            assertThat(state.state()).isEqualTo(Network.State.Deleting);
            assertThat(state.blockers()).isEqualTo(ONE_USER.first());
        }

        @Test
        void isGoneWithItsLastUser() {
            network.given(
                            created(),
                            ASSIGNED,
                            new DeletionRequested(),
                            new DeletionBlocked(ONE_USER))
                    .when(new UsersChanged(Users.NONE))
                    .then(new Deleted());
        }

        @Test
        void takesNoNewSpec() {
            network.given(
                            created(),
                            ASSIGNED,
                            new DeletionRequested(),
                            new DeletionBlocked(ONE_USER))
                    .when(apply(TO_B))
                    .thenRejected(Rejection.Reason.Conflict);
        }

        @Test
        void mustExist() {
            network.given().when(new Delete(Users.NONE)).thenRejected(Rejection.Reason.NotFound);
        }
    }
}
