package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A VirtualIP as it is now.
 *
 * @param address null while it has none
 * @param targetKind of who uses it; null while nobody does
 * @param targetName in the same namespace
 */
public record VirtualIp(
        ResourceKey key,
        String uid,
        long version,
        SortedMap<String, String> labels,
        @Nullable Cidr address,
        @Nullable MemberKind targetKind,
        @Nullable String targetName) {

    public VirtualIp {
        labels = Labels.of(labels);
    }
}
