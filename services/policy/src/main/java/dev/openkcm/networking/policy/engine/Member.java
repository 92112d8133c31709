package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.ResourceKey;
import java.util.List;
import java.util.SortedMap;

/**
 * A resource that the policies of its Network may select. There may be very many, each kept twice:
 * what they have in common is kept once.
 *
 * @param network in the namespace of the resource
 * @param version of the resource
 * @param addresses and ranges that traffic may have as its own; none while it does not work
 */
public record Member(
        MemberKind kind,
        ResourceKey network,
        String name,
        String uid,
        long version,
        SortedMap<String, String> labels,
        List<Cidr> addresses) {

    public Member {
        network = new ResourceKey(network.namespace().intern(), network.name().intern());
        labels = Labels.of(labels);
        addresses = List.copyOf(addresses);
    }

    /** What it is a member for. */
    public ResourceKey resource() {
        return network.sibling(name);
    }

    /** Unique among all members. */
    public String key() {
        return key(kind, network, name);
    }

    public static String key(MemberKind kind, ResourceKey network, String name) {
        return scope(kind, network) + "/" + name;
    }

    /** Where members of a kind meet the selectors for them. */
    static String scope(MemberKind kind, ResourceKey network) {
        return kind + "/" + network;
    }
}
