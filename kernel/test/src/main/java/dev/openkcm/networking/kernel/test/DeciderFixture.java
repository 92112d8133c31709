package dev.openkcm.networking.kernel.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.Command;
import dev.openkcm.networking.kernel.Decider;
import dev.openkcm.networking.kernel.Decision;
import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.Rejection;
import dev.openkcm.networking.kernel.ResourceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Given events, when a command, then events or a rejection. */
public final class DeciderFixture<S, C, E> {

    public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    public static final UUID UID = new UUID(0, 1);

    private final Decider<S, C, E> decider;
    private final ResourceKey key;

    private DeciderFixture(Decider<S, C, E> decider, ResourceKey key) {
        this.decider = decider;
        this.key = key;
    }

    public static <S, C, E> DeciderFixture<S, C, E> of(
            Decider<S, C, E> decider, String namespace, String name) {
        return new DeciderFixture<>(decider, new ResourceKey(namespace, name));
    }

    @SafeVarargs
    public final Given given(E... payloads) {
        var events = new ArrayList<Event<E>>();
        for (E payload : payloads) {
            events.add(event(events.size() + 1, payload));
        }
        return new Given(decider.fold(decider.absent(), events), events.size());
    }

    private Event<E> event(long sequence, E payload) {
        return new Event<>(key, UID, sequence, NOW, "test", null, payload);
    }

    /** A state that some events led to. */
    public final class Given {

        private final S state;
        private final int events;

        private Given(S state, int events) {
            this.state = state;
            this.events = events;
        }

        public S state() {
            return state;
        }

        public When when(C payload) {
            var command = new Command<>("command", key, null, false, NOW, UID, null, payload);
            return new When(state, events, decider.decide(state, command));
        }
    }

    /** What was decided. */
    public final class When {

        private final S before;
        private final int events;
        private final Decision<E> decision;

        private When(S before, int events, Decision<E> decision) {
            this.before = before;
            this.events = events;
            this.decision = decision;
        }

        @SafeVarargs
        public final When then(E... expected) {
            assertThat(decision).isEqualTo(Decision.accept(List.of(expected)));
            return this;
        }

        /** The state after what was decided. */
        public S state() {
            var state = before;
            if (decision instanceof Decision.Accepted<E>(var payloads)) {
                long sequence = events;
                for (E payload : payloads) {
                    state = decider.evolve(state, event(++sequence, payload));
                }
            }
            return state;
        }

        public void thenNothing() {
            assertThat(decision).isEqualTo(Decision.unchanged());
        }

        public void thenRejected(Rejection.Reason reason) {
            assertThat(rejection().reason()).isEqualTo(reason);
        }

        /** Exactly these causes, each as {@code <reason> <field>}. */
        public void thenInvalid(String... causes) {
            assertThat(rejection().causes())
                    .extracting(c -> c.reason() + " " + c.field())
                    .containsExactly(causes);
        }

        public List<Cause> causes() {
            return rejection().causes();
        }

        private Rejection rejection() {
            assertThat(decision).isInstanceOf(Decision.Rejected.class);
            return ((Decision.Rejected<E>) decision).rejection();
        }
    }
}
