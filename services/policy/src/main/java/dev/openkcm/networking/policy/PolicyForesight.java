package dev.openkcm.networking.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.rest.Foresight;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.policy.domain.NetworkPolicy;
import dev.openkcm.networking.policy.domain.NetworkPolicy.Present;
import dev.openkcm.networking.policy.engine.Policy;
import dev.openkcm.networking.policy.engine.Preview;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds to the dry run of a policy what would open and close. */
@Singleton
final class PolicyForesight implements Foresight {

    private final LiveEstate live;

    PolicyForesight(LiveEstate live) {
        this.live = live;
    }

    @Override
    public void add(
            Kind<?, ?, ?> kind, ResourceKey key, Object before, Object after, ObjectNode answer) {
        if (before instanceof NetworkPolicy was && after instanceof NetworkPolicy is) {
            // A policy never changes its Network.
            var network = networkOf(is) == null ? networkOf(was) : networkOf(is);
            if (network != null) {
                answer.set("reachability", compare(network, new Preview.Change(key, policy(is))));
            }
        }
    }

    private static @Nullable ResourceKey networkOf(NetworkPolicy policy) {
        return policy instanceof Present present
                ? present.meta().key().sibling(present.spec().network())
                : null;
    }

    private static @Nullable Policy policy(NetworkPolicy state) {
        return state instanceof Present(var meta, var spec, _, _, _, _)
                ? new Policy(
                        meta.key(),
                        meta.uid().toString(),
                        meta.generation(),
                        meta.resourceVersion(),
                        spec)
                : null;
    }

    private ObjectNode compare(ResourceKey network, Preview.Change change) {
        return live.ask(estate -> {
            try {
                return Documents.preview(
                        network, Preview.of(estate.engine(), network, List.of(change)));
            } catch (Preview.TooLarge tooLarge) {
                return Documents.noPreview(network, "" + tooLarge.getMessage());
            }
        });
    }
}
