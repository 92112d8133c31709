package dev.openkcm.networking.policy.topology;

import dev.openkcm.networking.kernel.Event;
import dev.openkcm.networking.kernel.streams.Surroundings;
import dev.openkcm.networking.policy.codec.NetworkPolicyCodec;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.NetworkPolicy.Present;
import dev.openkcm.networking.policy.domain.PolicyCommand;
import dev.openkcm.networking.policy.domain.PolicyEvent;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyIntent;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Beside NetworkPolicies: the intents that go to the compiler of their Network. */
public final class PolicySurroundings
        implements Surroundings<NetworkPolicy, PolicyCommand, PolicyEvent> {

    private PolicySurroundings() {}

    public static Recipe<NetworkPolicy, PolicyCommand, PolicyEvent> recipe() {
        return new Recipe<>() {
            @Override
            public Surroundings<NetworkPolicy, PolicyCommand, PolicyEvent> create() {
                return new PolicySurroundings();
            }

            @Override
            public Set<Target> targets() {
                return Set.of(new Target(PolicyTopology.INTENTS, PolicyIntent.class, true));
            }
        };
    }

    /** The Network of a policy never changes, so an intent replaces the earlier one there. */
    @Override
    public void happened(
            NetworkPolicy before,
            NetworkPolicy after,
            List<Event<PolicyEvent>> events,
            Outbox outbox) {
        var cause = events.getLast();
        if (after instanceof Present now) {
            boolean sameSpec =
                    before instanceof Present then
                            && then.meta().generation() == now.meta().generation();
            if (!sameSpec) {
                send(now, intent(now), cause, outbox);
            }
        } else if (before instanceof Present gone) {
            send(gone, null, cause, outbox);
        }
    }

    private static PolicyIntent intent(Present policy) {
        var meta = policy.meta();
        return new PolicyIntent(
                meta.key().namespace(),
                meta.key().name(),
                meta.uid().toString(),
                meta.generation(),
                meta.resourceVersion(),
                NetworkPolicyCodec.toAvro(policy.spec()));
    }

    private static void send(
            Present policy, @Nullable PolicyIntent intent, Event<?> cause, Outbox outbox) {
        var key = policy.meta().key();
        outbox.send(
                PolicyTopology.INTENTS,
                key.sibling(policy.spec().network()) + "/" + key.name(),
                intent,
                cause);
    }
}
