package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.ResourceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A VirtualIP names no Network: it is in the one of the interface or balancer that uses it. */
final class VirtualIps {

    private final Map<ResourceKey, VirtualIp> known = new HashMap<>();
    private final Map<User, TreeSet<ResourceKey>> byTarget = new HashMap<>();

    /** The Networks of interfaces and balancers. */
    private final Map<User, ResourceKey> networks = new HashMap<>();

    /** An interface or a balancer. */
    private record User(MemberKind kind, ResourceKey key) {
        static User of(Member member) {
            return new User(member.kind(), member.resource());
        }
    }

    private static Optional<User> targetOf(VirtualIp virtualIp) {
        return virtualIp.targetKind() == null || virtualIp.targetName() == null
                ? Optional.empty()
                : Optional.of(
                        new User(
                                virtualIp.targetKind(),
                                virtualIp.key().sibling(virtualIp.targetName())));
    }

    private Optional<Member> member(VirtualIp virtualIp) {
        return targetOf(virtualIp)
                .map(networks::get)
                .map(network ->
                        new Member(
                                MemberKind.VirtualIP,
                                network,
                                virtualIp.key().name(),
                                virtualIp.uid(),
                                virtualIp.version(),
                                virtualIp.labels(),
                                virtualIp.address() == null
                                        ? List.of()
                                        : List.of(virtualIp.address())));
    }

    /** Takes note of it; the member that it is, when it is in a Network. */
    Optional<Member> put(VirtualIp virtualIp) {
        remove(virtualIp.key());
        known.put(virtualIp.key(), virtualIp);
        targetOf(virtualIp)
                .ifPresent(t ->
                        byTarget.computeIfAbsent(t, _ -> new TreeSet<>()).add(virtualIp.key()));
        return member(virtualIp);
    }

    void remove(ResourceKey key) {
        var before = known.remove(key);
        if (before != null) {
            targetOf(before)
                    .ifPresent(t ->
                            byTarget.computeIfPresent(
                                    t,
                                    (_, keys) -> {
                                        keys.remove(key);
                                        return keys.isEmpty() ? null : keys;
                                    }));
        }
    }

    Optional<String> memberOf(ResourceKey key) {
        return Optional.ofNullable(known.get(key)).flatMap(this::member).map(Member::key);
    }

    /** An interface or balancer is in a Network: the members that its VirtualIPs become. */
    List<Member> located(Member user) {
        var name = User.of(user);
        var before = networks.put(name, user.network());
        var found = new ArrayList<Member>();
        if (!user.network().equals(before)) {
            for (var key : byTarget.getOrDefault(name, new TreeSet<>())) {
                Optional.ofNullable(known.get(key)).flatMap(this::member).ifPresent(found::add);
            }
        }
        return found;
    }

    /** An interface or balancer is gone: the members that its VirtualIPs were. */
    List<String> lost(Member user) {
        var name = User.of(user);
        var lost = new ArrayList<String>();
        networks.remove(name, user.network());
        for (var key : byTarget.getOrDefault(name, new TreeSet<>())) {
            lost.add(Member.key(MemberKind.VirtualIP, user.network(), key.name()));
        }
        return lost;
    }
}
