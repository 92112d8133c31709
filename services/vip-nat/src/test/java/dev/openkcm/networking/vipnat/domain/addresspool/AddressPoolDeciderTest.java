package dev.openkcm.networking.vipnat.domain.addresspool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool.Present;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPool.State;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand.Apply;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand.Delete;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolCommand.UtilisationObserved;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.Created;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.Deleted;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.DeletionRequested;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.Updated;
import dev.openkcm.networking.vipnat.domain.addresspool.AddressPoolEvent.UtilisationChanged;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An AddressPool")
class AddressPoolDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final String UID = DeciderFixture.UID.toString();
    private static final AddressPoolSpec SPEC = spec("203.0.113.0/24");
    private static final Created CREATED = new Created(NONE, NONE, SPEC);

    private final DeciderFixture<AddressPool, AddressPoolCommand, AddressPoolEvent> pool =
            DeciderFixture.of(new AddressPoolDecider(), "", "pool");

    private static AddressPoolSpec spec(String... cidrs) {
        return new AddressPoolSpec(List.of(cidrs), "IPv4");
    }

    private static Apply apply(AddressPoolSpec spec) {
        return new Apply(NONE, NONE, spec);
    }

    private static Utilisation use(long total, long allocated, long quarantined, long waiting) {
        return new Utilisation(
                BigInteger.valueOf(total),
                allocated,
                quarantined,
                BigInteger.valueOf(total - allocated - quarantined),
                List.of(),
                List.of(),
                waiting);
    }

    private static Condition condition(AddressPool pool, String type) {
        return Condition.find(((Present) pool).conditions(), type).orElseThrow();
    }

    @Nested
    class Specs {

        @Test
        void areKeptInTheirOrder() {
            var spec = spec("203.0.113.0/24", "198.51.100.0/25");
            pool.given().when(apply(spec)).then(new Created(NONE, NONE, spec));
            var turned = spec("198.51.100.0/25", "203.0.113.0/24");
            pool.given(new Created(NONE, NONE, spec))
                    .when(apply(turned))
                    .then(new Updated(NONE, NONE, turned));
        }

        @Test
        void areUnchangedByTheSameAgain() {
            pool.given(CREATED).when(apply(SPEC)).thenNothing();
        }

        @Test
        void needRangesAndAFamily() {
            pool.given()
                    .when(apply(new AddressPoolSpec(List.of(), "")))
                    .thenInvalid(
                            "FieldValueRequired spec.ipFamily", "FieldValueRequired spec.cidrs");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"203.0.113.1/24", "203.0.113.0", "203.0.113.0/33", "2001:db8::/64", "x"})
        void haveRangesOfTheFamilyInCidrNotation(String cidr) {
            pool.given()
                    .when(apply(spec("198.51.100.0/24", cidr)))
                    .thenInvalid("FieldValueInvalid spec.cidrs[1]");
        }

        @Test
        void haveRangesThatDoNotOverlap() {
            var result = pool.given().when(apply(spec("203.0.113.0/24", "203.0.113.128/25")));
            result.thenInvalid("FieldValueDuplicate spec.cidrs[1]");
            assertThat(result.causes())
                    .extracting(Cause::message)
                    .containsExactly("203.0.113.128/25 overlaps 203.0.113.0/24");
        }

        @Test
        void haveABoundedNumberOfRanges() {
            var many = Collections.nCopies(101, "x");
            assertThat(pool.given().when(apply(new AddressPoolSpec(many, "IPv4"))).causes())
                    .extracting(Cause::field)
                    .contains("spec.cidrs");
        }

        @Test
        void keepTheirFamily() {
            pool.given(CREATED)
                    .when(apply(new AddressPoolSpec(List.of("2001:db8::/64"), "IPv6")))
                    .thenInvalid("FieldValueForbidden spec");
        }

        @Test
        void changeWhileAddressesAreHeld() {
            var wider = spec("203.0.113.0/24", "198.51.100.0/24");
            var before = pool.given(CREATED, new UtilisationChanged(use(256, 5, 1, 0)));
            var after = (Present) before.when(apply(wider)).state();
            assertThat(after.utilisation()).isEqualTo(((Present) before.state()).utilisation());
            assertThat(after.meta().generation()).isEqualTo(2);
            var labelled =
                    (Present)
                            before.when(new Apply(Meta.sorted(Map.of("a", "b")), NONE, SPEC))
                                    .state();
            assertThat(labelled.meta().generation()).isEqualTo(1);
        }
    }

    @Nested
    class Use {

        @Test
        void isWhatTheAllocatorCounted() {
            var use = use(256, 3, 2, 0);
            var after =
                    pool.given(CREATED)
                            .when(new UtilisationObserved(UID, false, use))
                            .then(new UtilisationChanged(use))
                            .state();
            assertThat(((Present) after).utilisation()).isEqualTo(use);
            var condition = condition(after, AddressPoolDecider.ADDRESSES_EXHAUSTED);
            assertThat(condition.status()).isEqualTo(Condition.Status.False);
            assertThat(condition.reason()).isEqualTo("AddressesFree");
        }

        @Test
        void thatDidNotChangeIsNoEvent() {
            pool.given(CREATED, new UtilisationChanged(use(256, 3, 2, 0)))
                    .when(new UtilisationObserved(UID, false, use(256, 3, 2, 0)))
                    .thenNothing();
        }

        @Test
        void showsExhaustionAndWhoWaits() {
            var after =
                    pool.given(CREATED)
                            .when(new UtilisationObserved(UID, false, use(256, 250, 6, 7)))
                            .state();
            var condition = condition(after, AddressPoolDecider.ADDRESSES_EXHAUSTED);
            assertThat(condition.status()).isEqualTo(Condition.Status.True);
            assertThat(condition.reason()).isEqualTo("NoFreeAddress");
            assertThat(condition.message()).isEqualTo("7 claims wait for an IPv4 address");
        }

        @Test
        void namesTheRangesOfOtherPoolsThatAreInTheWay() {
            var conflict = new Utilisation.Conflict("203.0.113.0/24", "other", "203.0.113.0/25");
            var use =
                    new Utilisation(
                            BigInteger.ZERO,
                            0,
                            0,
                            BigInteger.ZERO,
                            List.of(),
                            List.of(conflict),
                            0);
            var after = pool.given(CREATED).when(new UtilisationObserved(UID, false, use)).state();
            assertThat(condition(after, AddressPoolDecider.CIDRS_CONFLICT).message())
                    .isEqualTo(
                            "203.0.113.0/24 is not used: it overlaps 203.0.113.0/25"
                                    + " of AddressPool other");
            var over =
                    pool.given(CREATED, new UtilisationChanged(use))
                            .when(new UtilisationObserved(UID, false, use(256, 0, 0, 0)))
                            .state();
            assertThat(
                            Condition.find(
                                    ((Present) over).conditions(),
                                    AddressPoolDecider.CIDRS_CONFLICT))
                    .isEmpty();
        }

        @Test
        void ofAnEarlierOneOfTheSameNameIsPassedOver() {
            pool.given(CREATED)
                    .when(new UtilisationObserved("another", false, use(256, 3, 2, 0)))
                    .thenNothing();
            pool.given().when(new UtilisationObserved(UID, false, use(256, 3, 2, 0))).thenNothing();
        }
    }

    @Nested
    class Deletions {

        @Test
        void waitForWhoeverHoldsAnAddress() {
            var after =
                    pool.given(CREATED, new UtilisationChanged(use(256, 3, 0, 0)))
                            .when(new Delete())
                            .then(new DeletionRequested())
                            .state();
            assertThat(((Present) after).state()).isEqualTo(State.Deleting);
            assertThat(condition(after, AddressPoolDecider.DELETION_BLOCKED).message())
                    .isEqualTo("3 addresses are still held");
        }

        @Test
        void waitUntilTheAllocatorGivesNoMore() {
            var before = pool.given(CREATED, new DeletionRequested());
            // Counted before the allocator knew: it may have given one since.
            before.when(new UtilisationObserved(UID, false, use(256, 0, 0, 0)))
                    .then(new UtilisationChanged(use(256, 0, 0, 0)));
            before.when(new UtilisationObserved(UID, true, use(0, 1, 0, 0)))
                    .then(new UtilisationChanged(use(0, 1, 0, 0)));
            before.when(new UtilisationObserved(UID, true, use(0, 0, 4, 0)))
                    .then(new UtilisationChanged(use(0, 0, 4, 0)), new Deleted());
            before.when(new UtilisationObserved("another", true, use(0, 0, 0, 0))).thenNothing();
        }

        @Test
        void endAlsoWhenTheLastCountSaysNothingNew() {
            pool.given(CREATED, new DeletionRequested())
                    .when(new UtilisationObserved(UID, true, Utilisation.UNKNOWN))
                    .then(new Deleted());
        }

        @Test
        void areNotRequestedTwice() {
            pool.given(CREATED, new DeletionRequested()).when(new Delete()).thenNothing();
        }

        @Test
        void areNotTakenBack() {
            pool.given(CREATED, new DeletionRequested())
                    .when(apply(spec("198.51.100.0/24")))
                    .thenRejected(Rejection.Reason.Conflict);
        }

        @Test
        void needSomethingToDelete() {
            pool.given().when(new Delete()).thenRejected(Rejection.Reason.NotFound);
        }
    }
}
