package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.NetworkFact;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All Networks with what is in them, as far as questions of reachability need it: the engine, whose
 * addresses are whose, and what is translated on the way. Not thread-safe.
 */
public final class Estate {

    /**
     * How a balancer passes on what it gets.
     *
     * @param destinations which interfaces get it; null for none
     */
    public record Balancing(PortSet ports, @Nullable LabelSelector destinations) {}

    /** A Network. */
    public record Network(ResourceKey key, NetworkFact fact, List<ResourceKey> peers) {}

    private final PolicyEngine engine = new PolicyEngine();
    private final Map<ResourceKey, Network> networks = new HashMap<>();
    private final Map<ResourceKey, Holders> holders = new HashMap<>();

    /** The members of interfaces and balancers. */
    private final Map<MemberKind, Map<ResourceKey, Member>> located =
            new EnumMap<>(MemberKind.class);

    private final Map<ResourceKey, TreeMap<String, Member>> interfaces = new HashMap<>();
    private final Map<ResourceKey, Balancing> balancings = new HashMap<>();
    private final Map<ResourceKey, VirtualIp> virtualIps = new HashMap<>();
    private final Map<Address, ResourceKey> virtualAddresses = new HashMap<>();
    private final Map<String, Map<String, Address>> gatewayAddresses = new HashMap<>();

    public PolicyEngine engine() {
        return engine;
    }

    // ---- What is learned ----

    public void putNetwork(Network network) {
        networks.put(network.key(), network);
    }

    public void removeNetwork(ResourceKey key) {
        networks.remove(key);
    }

    /** An interface or a balancer, as it is now. */
    public void putMember(Member member) {
        var key = member.resource();
        var before = located(member.kind()).get(key);
        if (before != null && !before.network().equals(member.network())) {
            removeMember(member.kind(), key);
            before = null;
        }
        located(member.kind()).put(key, member);
        if (member.kind() == MemberKind.NetworkInterface) {
            interfaces
                    .computeIfAbsent(member.network(), _ -> new TreeMap<>())
                    .put(member.name(), member);
        }
        var table = holders.computeIfAbsent(member.network(), _ -> new Holders());
        if (before != null) {
            table.remove(before);
        }
        table.put(member);
        engine.putMember(member, PolicyEngine.Listener.NONE);
    }

    public void removeMember(MemberKind kind, ResourceKey key) {
        var gone = located(kind).remove(key);
        if (gone == null) {
            return;
        }
        if (kind == MemberKind.NetworkInterface) {
            interfaces.computeIfPresent(
                    gone.network(),
                    (_, byName) -> {
                        byName.remove(gone.name());
                        return byName.isEmpty() ? null : byName;
                    });
        }
        holders.computeIfPresent(
                gone.network(),
                (_, table) -> {
                    table.remove(gone);
                    return table.isEmpty() ? null : table;
                });
        engine.removeMember(gone.key(), PolicyEngine.Listener.NONE);
    }

    public void putBalancing(ResourceKey balancer, Balancing balancing) {
        balancings.put(balancer, balancing);
    }

    public void removeBalancing(ResourceKey balancer) {
        balancings.remove(balancer);
    }

    public void putVirtualIp(VirtualIp virtualIp) {
        forgetAddress(virtualIps.put(virtualIp.key(), virtualIp));
        if (virtualIp.address() != null) {
            virtualAddresses.put(Address.firstOf(virtualIp.address()), virtualIp.key());
        }
        engine.putVirtualIp(virtualIp, PolicyEngine.Listener.NONE);
    }

    public void removeVirtualIp(ResourceKey key) {
        forgetAddress(virtualIps.remove(key));
        engine.removeVirtualIp(key, PolicyEngine.Listener.NONE);
    }

    private void forgetAddress(@Nullable VirtualIp gone) {
        if (gone != null && gone.address() != null) {
            virtualAddresses.remove(Address.firstOf(gone.address()), gone.key());
        }
    }

    /** A gateway lends an interface a public address, or no longer does. */
    public void putGatewayAddress(
            ResourceKey networkInterface, String gateway, @Nullable Cidr address) {
        String name = networkInterface.toString();
        if (address == null) {
            gatewayAddresses.computeIfPresent(
                    name,
                    (_, lent) -> {
                        lent.remove(gateway);
                        return lent.isEmpty() ? null : lent;
                    });
        } else {
            gatewayAddresses
                    .computeIfAbsent(name, _ -> new TreeMap<>())
                    .put(gateway, Address.firstOf(address));
        }
    }

    public void putPolicy(Policy policy) {
        engine.putPolicy(PolicyCompiler.compile(policy), PolicyEngine.Listener.NONE);
    }

    public void removePolicy(ResourceKey key) {
        engine.removePolicy(key, PolicyEngine.Listener.NONE);
    }

    // ---- What is asked ----

    public Optional<Network> network(ResourceKey key) {
        return Optional.ofNullable(networks.get(key));
    }

    /** The interfaces of a Network, by name. */
    public List<Member> interfacesOf(ResourceKey network) {
        var found = interfaces.get(network);
        return found == null ? List.of() : List.copyOf(found.values());
    }

    /** An interface or a balancer, in whichever Network it is. */
    public Optional<Member> find(MemberKind kind, ResourceKey key) {
        return Optional.ofNullable(located.getOrDefault(kind, Map.of()).get(key));
    }

    /** All interfaces, in no particular order. */
    public List<Member> interfaces() {
        return List.copyOf(located.getOrDefault(MemberKind.NetworkInterface, Map.of()).values());
    }

    /** The interface or balancer of a Network whose address this is, or in whose range it lies. */
    public Optional<Member> holder(ResourceKey network, Address address) {
        var table = holders.get(network);
        return table == null ? Optional.empty() : table.find(address.cidr());
    }

    public Optional<VirtualIp> virtualIp(ResourceKey key) {
        return Optional.ofNullable(virtualIps.get(key));
    }

    public Optional<VirtualIp> virtualIpAt(Address address) {
        return Optional.ofNullable(virtualAddresses.get(address)).flatMap(this::virtualIp);
    }

    /** Who uses a VirtualIP. */
    public Optional<Member> userOf(VirtualIp virtualIp) {
        return virtualIp.targetKind() == null || virtualIp.targetName() == null
                ? Optional.empty()
                : find(virtualIp.targetKind(), virtualIp.key().sibling(virtualIp.targetName()));
    }

    /** The public address of the family under which an interface speaks to the outside. */
    public Optional<Address> publicAddress(Member networkInterface, IpFamily family) {
        var key = networkInterface.resource();
        for (var virtualIp : virtualIps.values()) {
            if (virtualIp.address() != null
                    && virtualIp.address().family() == family
                    && virtualIp.targetKind() == MemberKind.NetworkInterface
                    && key.equals(virtualIp.key().sibling("" + virtualIp.targetName()))) {
                return Optional.of(Address.firstOf(virtualIp.address()));
            }
        }
        return gatewayAddresses.getOrDefault(key.toString(), Map.of()).values().stream()
                .filter(a -> a.family() == family)
                .findFirst();
    }

    public Optional<Balancing> balancing(Member balancer) {
        return Optional.ofNullable(balancings.get(balancer.resource()));
    }

    /** The interfaces that get what a balancer gets on an address of this family. */
    public List<Member> destinations(Member balancer, IpFamily family) {
        var destinations = balancing(balancer).map(Balancing::destinations).orElse(null);
        return destinations == null
                ? List.of()
                : interfacesOf(balancer.network()).stream()
                        .filter(m -> destinations.matches(m.labels()))
                        .filter(m ->
                                m.addresses().stream()
                                        .anyMatch(a -> a.isAddress() && a.family() == family))
                        .toList();
    }

    private Map<ResourceKey, Member> located(MemberKind kind) {
        return located.computeIfAbsent(kind, _ -> new HashMap<>());
    }

    /** Whose addresses are whose in one Network: the longest range that an address lies in. */
    private static final class Holders {
        private final Map<Cidr, List<Member>> byRange = new HashMap<>();
        private final Map<IpFamily, TreeMap<Integer, Integer>> lengths =
                new EnumMap<>(IpFamily.class);

        boolean isEmpty() {
            return byRange.isEmpty();
        }

        void put(Member member) {
            for (var range : new TreeSet<>(member.addresses())) {
                byRange.computeIfAbsent(range, _ -> new ArrayList<>(1)).add(member);
                lengths.computeIfAbsent(range.family(), _ -> new TreeMap<>())
                        .merge(range.length(), 1, Integer::sum);
            }
        }

        void remove(Member member) {
            for (var range : new TreeSet<>(member.addresses())) {
                byRange.computeIfPresent(
                        range,
                        (_, some) -> {
                            some.removeIf(m -> m.key().equals(member.key()));
                            return some.isEmpty() ? null : some;
                        });
                lengths.getOrDefault(range.family(), new TreeMap<>())
                        .computeIfPresent(range.length(), (_, n) -> n == 1 ? null : n - 1);
            }
        }

        Optional<Member> find(Cidr address) {
            var used = lengths.get(address.family());
            if (used != null) {
                for (int length : used.descendingKeySet()) {
                    var some = byRange.get(address.truncate(length));
                    if (some != null) {
                        return Optional.of(some.getFirst());
                    }
                }
            }
            return Optional.empty();
        }
    }
}
