package dev.openkcm.networking.vipnat.domain.virtualip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Condition;
import dev.openkcm.networking.kernel.Meta;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.test.DeciderFixture;
import dev.openkcm.networking.vipnat.domain.Grant;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp.Present;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIp.State;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Apply;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Delete;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Granted;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.Named;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpCommand.QueueChanged;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.AddressAssigned;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.AddressAwaited;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.Created;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.Deleted;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.TargetAssigned;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.TargetReleased;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.Updated;
import dev.openkcm.networking.vipnat.domain.virtualip.VirtualIpEvent.WaitingChanged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@DisplayName("A VirtualIP")
class VirtualIpDeciderTest {

    private static final SortedMap<String, String> NONE = new TreeMap<>();
    private static final String UID = DeciderFixture.UID.toString();
    private static final Target A = nic("a");
    private static final Target B = nic("b");
    private static final Target C = nic("c");
    private static final Target LB = new Target("LoadBalancer", "lb", "uid-lb");
    private static final Created CREATED = new Created(NONE, NONE, spec("IPv4"));

    private final DeciderFixture<VirtualIp, VirtualIpCommand, VirtualIpEvent> vip =
            DeciderFixture.of(new VirtualIpDecider(), "default", "vip");

    private static Target nic(String name) {
        return new Target("NetworkInterface", name, "uid-" + name);
    }

    private static VirtualIpSpec spec(String family) {
        return new VirtualIpSpec("Public", family);
    }

    private static Apply apply(VirtualIpSpec spec, Queue queue) {
        return new Apply(NONE, NONE, spec, queue);
    }

    private static Apply apply(VirtualIpSpec spec) {
        return apply(spec, Queue.EMPTY);
    }

    /** Nobody has it, these want it. */
    private static Queue free(Target... eligible) {
        return new Queue(false, List.of(eligible), List.of(), eligible.length);
    }

    /** Whoever has it names it, and these do too. */
    private static Queue held(Target... others) {
        return new Queue(true, List.of(others), List.of(), others.length);
    }

    private static Waiting waiting(Target... targets) {
        return new Waiting(
                List.of(targets).stream()
                        .map(t -> new Waiting.Claimant(t, "VirtualIPInUse"))
                        .toList(),
                targets.length);
    }

    private static Granted granted(String uid, String address) {
        return new Granted(new Grant(uid, "address", address, "pool", null, null, 1));
    }

    private static Granted waits(String reason, String message) {
        return new Granted(new Grant(UID, "address", null, null, reason, message, 1));
    }

    private static Condition condition(VirtualIp virtualIp, String type) {
        return Condition.find(((Present) virtualIp).conditions(), type).orElseThrow();
    }

    @Nested
    class Specs {

        @Test
        void areTakenAsThePageWritesThem() {
            vip.given().when(apply(spec("IPv4"))).then(CREATED);
            vip.given().when(apply(new VirtualIpSpec("public", "IPv4"))).then(CREATED);
        }

        @Test
        void areUnchangedByTheSameAgain() {
            vip.given(CREATED).when(apply(new VirtualIpSpec("public", "IPv4"))).thenNothing();
        }

        @Test
        void needTypeAndFamily() {
            vip.given()
                    .when(apply(new VirtualIpSpec("", "")))
                    .thenInvalid(
                            "FieldValueRequired spec.type", "FieldValueRequired spec.ipFamily");
        }

        @Test
        void haveKnownTypesAndFamiliesOnly() {
            vip.given()
                    .when(apply(new VirtualIpSpec("Internal", "ipv4")))
                    .thenInvalid(
                            "FieldValueNotSupported spec.type",
                            "FieldValueNotSupported spec.ipFamily");
        }

        @Test
        void keepTheirFamily() {
            vip.given(CREATED).when(apply(spec("IPv6"))).thenInvalid("FieldValueForbidden spec");
        }

        @Test
        void keepEverythingButLabelsAndAnnotations() {
            var labels = Meta.sorted(Map.of("app", "web"));
            var before =
                    vip.given(
                            CREATED,
                            new AddressAssigned("203.0.113.0", "pool"),
                            new TargetAssigned(A),
                            new WaitingChanged(waiting(B)));
            var after =
                    before.when(new Apply(labels, NONE, spec("IPv4"), Queue.EMPTY))
                            .then(new Updated(labels, NONE, spec("IPv4")));
            var then = (Present) before.state();
            var now = (Present) after.state();
            assertThat(now.meta().labels()).isEqualTo(labels);
            assertThat(now.meta().generation()).isEqualTo(then.meta().generation());
            assertThat(List.of(now.ip(), now.target(), now.waiting(), now.conditions()))
                    .isEqualTo(
                            List.of(then.ip(), then.target(), then.waiting(), then.conditions()));
        }
    }

    @Nested
    class Addresses {

        @Test
        void areWaitedForVisibly() {
            var message = "no IPv4 address is free in any AddressPool";
            var after =
                    vip.given(CREATED)
                            .when(waits("AddressesExhausted", message))
                            .then(new AddressAwaited("AddressesExhausted", message))
                            .state();
            var condition = condition(after, VirtualIpDecider.ADDRESS_ALLOCATED);
            assertThat(condition.status()).isEqualTo(Condition.Status.False);
            assertThat(condition.reason()).isEqualTo("AddressesExhausted");
            assertThat(condition.message()).isEqualTo(message);
            assertThat(((Present) after).state()).isEqualTo(State.Pending);
        }

        @Test
        void areWaitedForWithOneEventHoweverOftenItIsTold() {
            vip.given(CREATED, new AddressAwaited("AddressesExhausted", "none"))
                    .when(waits("AddressesExhausted", "none"))
                    .thenNothing();
            vip.given(CREATED, new AddressAwaited("AddressesExhausted", "none"))
                    .when(waits("AddressesExhausted", "none in any"))
                    .then(new AddressAwaited("AddressesExhausted", "none in any"));
        }

        @Test
        void makeItAvailable() {
            var after =
                    vip.given(CREATED, new AddressAwaited("AddressesExhausted", "none"))
                            .when(granted(UID, "203.0.113.0"))
                            .then(new AddressAssigned("203.0.113.0", "pool"))
                            .state();
            assertThat(((Present) after).state()).isEqualTo(State.Available);
            assertThat(condition(after, VirtualIpDecider.ADDRESS_ALLOCATED).status())
                    .isEqualTo(Condition.Status.True);
        }

        @Test
        void areNeverExchanged() {
            var before = vip.given(CREATED, new AddressAssigned("203.0.113.0", "pool"));
            before.when(granted(UID, "203.0.113.0")).thenNothing();
            before.when(granted(UID, "203.0.113.9")).thenNothing();
            before.when(waits("AddressesExhausted", "none")).thenNothing();
        }

        @Test
        void ofAnEarlierOneOfTheSameNameAreNotTakenOver() {
            vip.given(CREATED).when(granted("another", "203.0.113.0")).thenNothing();
            vip.given().when(granted(UID, "203.0.113.0")).thenNothing();
            vip.given(CREATED, new AddressAssigned("203.0.113.0", "pool"), new Deleted())
                    .when(granted(UID, "203.0.113.0"))
                    .thenNothing();
        }

        @Test
        void stayWhateverBecomesOfTheTarget() {
            var after =
                    vip.given(
                                    CREATED,
                                    new AddressAssigned("203.0.113.0", "pool"),
                                    new TargetAssigned(A))
                            .when(new QueueChanged(free()))
                            .then(new TargetReleased(A))
                            .state();
            assertThat(((Present) after).ip()).isEqualTo("203.0.113.0");
            assertThat(((Present) after).state()).isEqualTo(State.Available);
        }
    }

    @Nested
    class Targets {

        @Test
        void mayComeBeforeIt() {
            vip.given()
                    .when(apply(spec("IPv4"), free(A, B)))
                    .then(CREATED, new TargetAssigned(A), new WaitingChanged(waiting(B)));
        }

        @Test
        void mayComeBeforeTheAddress() {
            var after = vip.given(CREATED).when(new QueueChanged(free(A))).state();
            assertThat(((Present) after).target()).isEqualTo(A);
            assertThat(((Present) after).state()).isEqualTo(State.Pending);
            assertThat(condition(after, VirtualIpDecider.ATTACHED).message())
                    .isEqualTo("to NetworkInterface a");
        }

        @Test
        void keepItWhoeverElseWantsIt() {
            vip.given(CREATED, new TargetAssigned(B))
                    .when(new QueueChanged(held(A, LB)))
                    .then(new WaitingChanged(waiting(A, LB)));
        }

        @Test
        void areServedInTheOrderInWhichTheyCame() {
            var state =
                    vip.given(CREATED, new TargetAssigned(A), new WaitingChanged(waiting(LB, C)));
            state.when(new QueueChanged(free(LB, C)))
                    .then(
                            new TargetReleased(A),
                            new TargetAssigned(LB),
                            new WaitingChanged(waiting(C)));
        }

        @Test
        void areToldApartByUid() {
            var again = new Target("NetworkInterface", "a", "another-uid");
            vip.given(CREATED, new TargetAssigned(A))
                    .when(new QueueChanged(free(again)))
                    .then(new TargetReleased(A), new TargetAssigned(again));
        }

        @Test
        void needAnAddressOfTheFamily() {
            var queue = new Queue(false, List.of(), List.of(A), 1);
            var unfit = new Waiting(List.of(new Waiting.Claimant(A, "IPFamilyMismatch")), 1);
            var after =
                    vip.given(CREATED)
                            .when(new QueueChanged(queue))
                            .then(new WaitingChanged(unfit))
                            .state();
            assertThat(((Present) after).target()).isNull();
            assertThat(condition(after, VirtualIpDecider.ATTACHED).reason())
                    .isEqualTo("NotClaimed");
        }

        @Test
        void loseItWithTheirLastAddressOfTheFamily() {
            var queue = new Queue(false, List.of(B), List.of(A), 2);
            vip.given(CREATED, new TargetAssigned(A), new WaitingChanged(waiting(B)))
                    .when(new QueueChanged(queue))
                    .then(
                            new TargetReleased(A),
                            new TargetAssigned(B),
                            new WaitingChanged(
                                    new Waiting(
                                            List.of(new Waiting.Claimant(A, "IPFamilyMismatch")),
                                            1)));
        }

        @Test
        void areCountedBeyondThoseThatAreShown() {
            var many = new ArrayList<Target>();
            for (int i = 0; i <= Waiting.SHOWN; i++) {
                many.add(nic("n" + i));
            }
            var queue = new Queue(true, many, List.of(B), 5_000);
            var after =
                    (Present)
                            vip.given(CREATED, new TargetAssigned(A))
                                    .when(new QueueChanged(queue))
                                    .state();
            assertThat(after.waiting().first())
                    .extracting(Waiting.Claimant::who)
                    .isEqualTo(many.subList(0, Waiting.SHOWN));
            assertThat(after.waiting().total()).isEqualTo(5_000);
        }

        @Test
        void changeNothingWhenNothingChanged() {
            vip.given(CREATED, new TargetAssigned(A), new WaitingChanged(waiting(B)))
                    .when(new QueueChanged(held(B)))
                    .thenNothing();
            vip.given(CREATED).when(new QueueChanged(free())).thenNothing();
        }

        @Test
        void areOnlyTakenNoteOfWhileItDoesNotExist() {
            vip.given().when(new QueueChanged(free(A))).thenNothing();
            vip.given().when(new Named(A, List.of("IPv4"), true)).thenNothing();
            vip.given(CREATED).when(new Named(A, List.of("IPv4"), true)).thenNothing();
        }
    }

    @Nested
    class Deletions {

        @Test
        void detachFirst() {
            var after =
                    vip.given(
                                    CREATED,
                                    new AddressAssigned("203.0.113.0", "pool"),
                                    new TargetAssigned(A))
                            .when(new Delete())
                            .then(new TargetReleased(A), new Deleted())
                            .state();
            assertThat(after).isInstanceOf(VirtualIp.Absent.class);
        }

        @Test
        void ofOneThatNobodyUsesAreDeletionsOnly() {
            vip.given(CREATED).when(new Delete()).then(new Deleted());
        }

        @Test
        void needSomethingToDelete() {
            vip.given().when(new Delete()).thenRejected(Rejection.Reason.NotFound);
            vip.given(CREATED, new Deleted())
                    .when(new Delete())
                    .thenRejected(Rejection.Reason.NotFound);
        }

        @Test
        void leaveNothingToTheNextOfTheName() {
            var again =
                    (Present)
                            vip.given(
                                            CREATED,
                                            new AddressAssigned("203.0.113.0", "pool"),
                                            new TargetAssigned(A),
                                            new TargetReleased(A),
                                            new Deleted())
                                    .when(apply(spec("IPv6"), free(B)))
                                    .then(
                                            new Created(NONE, NONE, spec("IPv6")),
                                            new TargetAssigned(B))
                                    .state();
            assertThat(again.ip()).isNull();
            assertThat(again.target()).isEqualTo(B);
        }
    }
}
