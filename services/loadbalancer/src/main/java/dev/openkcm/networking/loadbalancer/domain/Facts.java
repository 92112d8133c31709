package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.IpFamily;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a balancer was told by others; everything it says of itself follows from it and the spec.
 *
 * @param claim the generation of the spec that last claimed in the Network
 * @param conflicts addresses of the spec that somebody else in the Network holds
 * @param publicAddresses what is claimed from the pools, by slot
 * @param frontEnds the VirtualIPs whose traffic comes here, by name
 * @param awaited the VirtualIPs that said why their traffic does not come here, by name
 */
public record Facts(
        NetworkFact network,
        long claim,
        List<HeldAddress> conflicts,
        List<PublicAddress> publicAddresses,
        List<FrontEnd> frontEnds,
        List<AwaitedVirtualIp> awaited) {

    public Facts {
        conflicts = List.copyOf(conflicts);
        publicAddresses = List.copyOf(publicAddresses);
        frontEnds = List.copyOf(frontEnds);
        awaited = List.copyOf(awaited);
    }

    /** Nothing but what was claimed just now. */
    static Facts claimed(long generation) {
        return new Facts(
                NetworkFact.Unknown, generation, List.of(), List.of(), List.of(), List.of());
    }

    /** The same once other addresses are claimed in the Network. */
    Facts reclaimed(long generation) {
        return new Facts(
                NetworkFact.Unknown, generation, List.of(), publicAddresses, frontEnds, awaited);
    }

    Facts answered(NetworkFact newNetwork, List<HeldAddress> newConflicts) {
        return new Facts(newNetwork, claim, newConflicts, publicAddresses, frontEnds, awaited);
    }

    Optional<PublicAddress> publicAddress(String slot) {
        return publicAddresses.stream().filter(a -> a.slot().equals(slot)).findFirst();
    }

    Facts with(PublicAddress changed) {
        var all = new ArrayList<PublicAddress>();
        publicAddresses.forEach(a -> all.add(a.slot().equals(changed.slot()) ? changed : a));
        return new Facts(network, claim, conflicts, all, frontEnds, awaited);
    }

    Facts with(FrontEnd frontEnd) {
        var all = new ArrayList<>(without(frontEnd.virtualIp()).frontEnds);
        all.add(frontEnd);
        all.sort(Comparator.comparing(FrontEnd::virtualIp));
        return new Facts(
                network, claim, conflicts, publicAddresses, all, others(frontEnd.virtualIp()));
    }

    Facts with(AwaitedVirtualIp why) {
        var all = new ArrayList<>(others(why.virtualIp()));
        all.add(why);
        all.sort(Comparator.comparing(AwaitedVirtualIp::virtualIp));
        return new Facts(network, claim, conflicts, publicAddresses, frontEnds, all);
    }

    private List<AwaitedVirtualIp> others(String virtualIp) {
        return awaited.stream().filter(a -> !a.virtualIp().equals(virtualIp)).toList();
    }

    Facts without(String virtualIp) {
        return new Facts(
                network,
                claim,
                conflicts,
                publicAddresses,
                frontEnds.stream().filter(f -> !f.virtualIp().equals(virtualIp)).toList(),
                awaited);
    }

    /** The front ends that the spec names. */
    List<FrontEnd> named(LoadBalancerSpec spec) {
        return frontEnds.stream().filter(f -> spec.virtualIps().contains(f.virtualIp())).toList();
    }

    /**
     * The same with exactly those public addresses that the spec needs: one per family that no
     * VirtualIP serves. What is held stays held while it is not known which families they serve.
     */
    Facts settled(LoadBalancerSpec spec, long version) {
        var all = new ArrayList<PublicAddress>();
        for (IpFamily family : needed(spec)) {
            all.add(
                    publicAddress(PublicAddress.slot(family))
                            .orElseGet(() -> PublicAddress.claimed(family, version)));
        }
        all.sort(Comparator.comparing(PublicAddress::slot));
        var stillAwaited =
                awaited.stream().filter(a -> spec.virtualIps().contains(a.virtualIp())).toList();
        return new Facts(network, claim, conflicts, all, frontEnds, stillAwaited);
    }

    private Set<IpFamily> needed(LoadBalancerSpec spec) {
        var needed = new LinkedHashSet<IpFamily>();
        if (!spec.isPublic() || spec.virtualIps().size() >= spec.families().size()) {
            return needed;
        }
        needed.addAll(spec.families());
        var named = named(spec);
        if (named.size() < spec.virtualIps().size()) {
            needed.removeIf(f -> publicAddress(PublicAddress.slot(f)).isEmpty());
        }
        named.forEach(f -> f.family().ifPresent(needed::remove));
        return needed;
    }
}
