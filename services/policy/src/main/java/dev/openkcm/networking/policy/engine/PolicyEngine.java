package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.selector.SelectorIndex;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.engine.CompiledRule.Peer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The compiled policies of any number of Networks, and the groups that they share, kept up to date
 * change by change: equal selectors are one group, which lives while a policy refers to it. Any
 * number of threads may ask while none changes it.
 */
public final class PolicyEngine {

    /** Hears how groups change; told in the order of groups, then of members. */
    public interface Listener {
        void joined(Group group, Member member);

        void left(Group group, Member member);

        /** A member stays, with other addresses or as another resource of the same name. */
        void changed(Group group, Member before, Member now);

        /** Listens to nothing, as when an engine is filled with what is known already. */
        Listener NONE =
                new Listener() {
                    @Override
                    public void joined(Group group, Member member) {}

                    @Override
                    public void left(Group group, Member member) {}

                    @Override
                    public void changed(Group group, Member before, Member now) {}
                };
    }

    /** The policies that apply to a group in one direction, and what they allow together. */
    private record Applied(List<CompiledPolicy> isolating, Allowance allowance) {}

    /** The resources of a kind in a Network that a selector matches, and who asks. */
    public static final class Group {
        /** All policies of a Network are in its namespace. */
        private static final Comparator<CompiledPolicy> BY_NAME =
                Comparator.comparing(policy -> policy.key().name());

        private final String id;
        private final MemberKind kind;
        private final ResourceKey network;
        private final LabelSelector selector;

        /** The policies that refer to it, and how often. */
        private final Map<ResourceKey, Integer> users = new HashMap<>(2);

        private final Map<ResourceKey, CompiledPolicy> applied = new HashMap<>(2);

        /** What follows from the policies that apply, made when first asked; readers may race. */
        private volatile @Nullable Applied ingress;

        private volatile @Nullable Applied egress;

        private Group(String id, MemberKind kind, ResourceKey network, LabelSelector selector) {
            this.id = id;
            this.kind = kind;
            this.network = network;
            this.selector = selector;
        }

        public String id() {
            return id;
        }

        public MemberKind kind() {
            return kind;
        }

        public ResourceKey network() {
            return network;
        }

        public LabelSelector selector() {
            return selector;
        }

        public Set<ResourceKey> users() {
            return users.keySet();
        }

        /** The policies that apply to its members. */
        public Collection<CompiledPolicy> applied() {
            return applied.values();
        }

        private void apply(CompiledPolicy policy) {
            applied.put(policy.key(), policy);
            ingress = null;
            egress = null;
        }

        private void noLongerApply(ResourceKey policy) {
            applied.remove(policy);
            ingress = null;
            egress = null;
        }

        /** The policies that isolate its members, by name. */
        List<CompiledPolicy> isolating(Direction direction) {
            return applied(direction).isolating;
        }

        /** What the policies that apply to its members allow together. */
        Allowance allowance(Direction direction) {
            return applied(direction).allowance;
        }

        private Applied applied(Direction direction) {
            var known = direction == Direction.Ingress ? ingress : egress;
            if (known != null) {
                return known;
            }
            var isolating =
                    applied.values().stream()
                            .filter(p -> p.isolates(direction))
                            .sorted(BY_NAME)
                            .toList();
            var made = new Applied(isolating, Allowance.of(isolating, direction));
            if (direction == Direction.Ingress) {
                ingress = made;
            } else {
                egress = made;
            }
            return made;
        }
    }

    private final SelectorIndex index = new SelectorIndex();
    private final Map<String, Member> members = new HashMap<>();
    private final Map<String, Group> groups = new HashMap<>();
    private final Map<ResourceKey, CompiledPolicy> policies = new HashMap<>();
    private final VirtualIps virtualIps = new VirtualIps();
    private final Set<String> touched = new HashSet<>();

    // ---- Members ----

    /** A resource that exists, as it is now. */
    public void putMember(Member member, Listener listener) {
        put(member, listener);
        if (member.kind() != MemberKind.VirtualIP) {
            for (var found : virtualIps.located(member)) {
                put(found, listener);
            }
        }
    }

    /** A resource that is gone. */
    public void removeMember(String key, Listener listener) {
        var gone = members.get(key);
        if (gone == null) {
            return;
        }
        remove(key, listener);
        if (gone.kind() != MemberKind.VirtualIP) {
            virtualIps.lost(gone).forEach(lost -> remove(lost, listener));
        }
    }

    /** A VirtualIP, which is in the Network of who uses it. */
    public void putVirtualIp(VirtualIp virtualIp, Listener listener) {
        var before = virtualIps.memberOf(virtualIp.key());
        var now = virtualIps.put(virtualIp);
        if (before.isPresent() && !before.equals(now.map(Member::key))) {
            remove(before.get(), listener);
        }
        now.ifPresent(member -> put(member, listener));
    }

    public void removeVirtualIp(ResourceKey key, Listener listener) {
        virtualIps.memberOf(key).ifPresent(member -> remove(member, listener));
        virtualIps.remove(key);
    }

    private void put(Member member, Listener listener) {
        String key = member.key();
        var before = members.put(key, member);
        var joined = new HashSet<String>(4);
        index.putMember(
                Member.scope(member.kind(), member.network()),
                key,
                member.labels(),
                new SelectorIndex.Listener() {
                    @Override
                    public void joined(String selector, String name) {
                        joined.add(selector);
                        touched.add(selector);
                        listener.joined(group(selector), member);
                    }

                    @Override
                    public void left(String selector, String name) {
                        touched.add(selector);
                        listener.left(group(selector), before == null ? member : before);
                    }
                });
        if (before != null
                && !(before.addresses().equals(member.addresses())
                        && before.uid().equals(member.uid()))) {
            for (String selector : index.selectors(key)) {
                if (!joined.contains(selector)) {
                    listener.changed(group(selector), before, member);
                }
            }
        }
    }

    private void remove(String key, Listener listener) {
        var gone = members.get(key);
        if (gone == null) {
            return;
        }
        index.removeMember(
                key,
                new SelectorIndex.Listener() {
                    @Override
                    public void joined(String selector, String name) {}

                    @Override
                    public void left(String selector, String name) {
                        touched.add(selector);
                        listener.left(group(selector), gone);
                    }
                });
        members.remove(key);
    }

    public Optional<Member> member(String key) {
        return Optional.ofNullable(members.get(key));
    }

    public Collection<Member> members() {
        return members.values();
    }

    // ---- Policies ----

    /** A policy that exists, as it is now; returns what it was before. */
    public @Nullable CompiledPolicy putPolicy(CompiledPolicy now, Listener listener) {
        // New references first, so that a group that stays in use is never given up in between.
        for (var selection : now.selections()) {
            hold(now, selection, listener);
        }
        var before = policies.put(now.key(), now);
        if (before != null) {
            release(before, listener);
        }
        group(now.appliedTo()).apply(now);
        return before;
    }

    /** A policy that is gone; returns what it was. */
    public @Nullable CompiledPolicy removePolicy(ResourceKey key, Listener listener) {
        var gone = policies.remove(key);
        if (gone != null) {
            release(gone, listener);
        }
        return gone;
    }

    private void hold(
            CompiledPolicy policy, CompiledPolicy.Selection selection, Listener listener) {
        var group = groups.get(selection.group());
        if (group == null) {
            var network = policy.policy().network();
            group = new Group(selection.group(), selection.kind(), network, selection.selector());
            groups.put(group.id, group);
            index.putSelector(
                    Member.scope(group.kind, network),
                    group.id,
                    group.selector,
                    new SelectorIndex.Listener() {
                        @Override
                        public void joined(String selector, String name) {
                            listener.joined(group(selector), known(name));
                        }

                        @Override
                        public void left(String selector, String name) {}
                    });
        }
        group.users.merge(policy.key(), 1, Integer::sum);
    }

    private void release(CompiledPolicy policy, Listener listener) {
        group(policy.appliedTo()).noLongerApply(policy.key());
        for (var selection : policy.selections()) {
            var group = group(selection.group());
            group.users.computeIfPresent(policy.key(), (_, uses) -> uses == 1 ? null : uses - 1);
            if (group.users.isEmpty()) {
                index.removeSelector(
                        group.id,
                        new SelectorIndex.Listener() {
                            @Override
                            public void joined(String selector, String name) {}

                            @Override
                            public void left(String selector, String name) {
                                listener.left(group, known(name));
                            }
                        });
                groups.remove(group.id);
                touched.remove(group.id);
            }
        }
    }

    public Optional<CompiledPolicy> policy(ResourceKey key) {
        return Optional.ofNullable(policies.get(key));
    }

    public Collection<CompiledPolicy> policies() {
        return policies.values();
    }

    // ---- Groups ----

    public Collection<Group> groups() {
        return groups.values();
    }

    /** The members of a group, by name. */
    public List<Member> membersOf(String group) {
        return index.members(group).stream().map(this::known).toList();
    }

    public int sizeOf(String group) {
        return index.memberCount(group);
    }

    boolean isIn(String group, String member) {
        return index.matches(group, member);
    }

    /** The groups that a member is in, by id. */
    public List<Group> groupsOf(String member) {
        var found = new ArrayList<Group>();
        index.selectors(member).forEach(id -> found.add(group(id)));
        return found;
    }

    /** The policies whose groups changed since this was last asked. */
    public Set<ResourceKey> takeTouched() {
        var users = new HashSet<ResourceKey>();
        for (String id : touched) {
            var group = groups.get(id);
            if (group != null) {
                users.addAll(group.users.keySet());
            }
        }
        touched.clear();
        return users;
    }

    /** The paths of the selectors of a policy that find nothing. */
    public List<String> dangling(CompiledPolicy policy) {
        return policy.selections().stream()
                .filter(s -> sizeOf(s.group()) == 0)
                .map(CompiledPolicy.Selection::path)
                .toList();
    }

    /** The policies that isolate an interface in a direction, by name. */
    public List<CompiledPolicy> isolating(String member, Direction direction) {
        // A policy applies through one group, so none is found twice.
        var found = new ArrayList<CompiledPolicy>();
        int groups = 0;
        for (var group : groupsOf(member)) {
            var some = group.isolating(direction);
            found.addAll(some);
            groups += some.isEmpty() ? 0 : 1;
        }
        if (groups > 1) {
            found.sort(Group.BY_NAME);
        }
        return found;
    }

    private Group group(String id) {
        var group = groups.get(id);
        if (group == null) {
            throw new IllegalStateException("no group " + id);
        }
        return group;
    }

    private Member known(String key) {
        var member = members.get(key);
        if (member == null) {
            throw new IllegalStateException("no member " + key);
        }
        return member;
    }

    /**
     * What policies allow together in one direction, by peer; how many there are does not count.
     */
    static final class Allowance {
        private static final Allowance OPEN = new Allowance(false);

        private final boolean isolates;
        private PortSet everyone = PortSet.NONE;
        private final Map<String, PortSet> byGroup = new HashMap<>();
        private final Map<AddressSet, PortSet> byRanges = new HashMap<>();

        private Allowance(boolean isolates) {
            this.isolates = isolates;
        }

        static Allowance of(Collection<CompiledPolicy> policies, Direction direction) {
            if (policies.stream().noneMatch(p -> p.isolates(direction))) {
                return OPEN;
            }
            var allowance = new Allowance(true);
            for (var policy : policies) {
                for (var rule : policy.rules()) {
                    if (rule.direction() == direction) {
                        allowance.add(rule);
                    }
                }
            }
            return allowance;
        }

        private void add(CompiledRule rule) {
            switch (rule.peer()) {
                case Peer.Everyone() -> everyone = everyone.union(rule.ports());
                case Peer.InGroup(var group) -> byGroup.merge(group, rule.ports(), PortSet::union);
                case Peer.Ranges(var addresses) ->
                        byRanges.merge(addresses, rule.ports(), PortSet::union);
            }
        }

        boolean isolates() {
            return isolates;
        }

        boolean allows(Endpoint other, int port) {
            if (everyone.contains(port)) {
                return true;
            }
            for (String group : other.groups()) {
                var ports = byGroup.get(group);
                if (ports != null && ports.contains(port)) {
                    return true;
                }
            }
            for (var range : byRanges.entrySet()) {
                if (range.getValue().contains(port) && range.getKey().contains(other.address())) {
                    return true;
                }
            }
            return false;
        }

        PortSet ports(Endpoint other) {
            var ports = everyone;
            for (String group : other.groups()) {
                ports = ports.union(byGroup.getOrDefault(group, PortSet.NONE));
            }
            for (var range : byRanges.entrySet()) {
                if (range.getKey().contains(other.address())) {
                    ports = ports.union(range.getValue());
                }
            }
            return ports;
        }
    }
}
