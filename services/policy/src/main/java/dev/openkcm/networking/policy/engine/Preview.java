package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.engine.AddressSet.Range;
import dev.openkcm.networking.policy.engine.Evaluator.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What would open and what would close if policies of a Network changed.
 *
 * <p>Addresses that no policy can tell apart, before or after, are one class; the outside falls
 * into classes by the ranges that rules mention. So the work and the answer grow with the number of
 * distinctions that policies make, not with the number of interfaces.
 */
public final class Preview {

    /** More classes than these are too many pairs to look at. */
    private static final int MAX_CLASSES = 5_000;

    /** One end of what changes. */
    public sealed interface Party {

        /** An address of a resource, or addresses of a range that it has. */
        record Of(MemberKind kind, String name, Cidr addresses) implements Party {}

        /** Addresses, as far as they belong to nobody in the Network. */
        record Outside(AddressSet addresses) implements Party {}
    }

    /** Connections from any of some to any of others on some ports. */
    public record Flows(List<Party> from, List<Party> to, PortSet ports) {}

    /** What changes; in both lists no flow is told twice. */
    public record Difference(List<Flows> opened, List<Flows> closed) {}

    /** A change of one policy. */
    public record Change(ResourceKey policy, @Nullable Policy now) {}

    /** Policies of the Network distinguish too much to compare. */
    public static final class TooLarge extends Exception {
        TooLarge(int classes) {
            super(
                    "the policies of the Network tell %d classes of addresses apart; at most %d can be compared"
                            .formatted(classes, MAX_CLASSES));
        }
    }

    /** All that policies can know of an address. */
    private record Signature(
            Sort sort,
            IpFamily family,
            Set<String> groupsBefore,
            Set<String> groupsAfter,
            Set<Integer> ranges) {}

    /** Whose addresses they are. */
    private enum Sort {
        INTERFACE,
        OTHER_MEMBER,
        OUTSIDE
    }

    /** Addresses that no policy can tell apart. */
    private static final class Klass {
        final List<Party> parties = new ArrayList<>();
        final Set<String> owners = new HashSet<>();
        final List<Range> outside = new ArrayList<>();
        final Endpoint before;
        final Endpoint after;

        /** An interface of the class, when it is one of interfaces. */
        final @Nullable String member;

        private final Map<PolicyEngine, Map<Direction, Subject>> subjects = new HashMap<>();

        Klass(Endpoint before, Endpoint after, @Nullable String member) {
            this.before = before;
            this.after = after;
            this.member = member;
        }

        List<Party> parties() {
            return outside.isEmpty()
                    ? parties
                    : List.of(new Party.Outside(AddressSet.ofRanges(outside)));
        }

        Subject subject(PolicyEngine engine, Direction direction) {
            return subjects.computeIfAbsent(engine, _ -> new EnumMap<>(Direction.class))
                    .computeIfAbsent(
                            direction,
                            d -> new Evaluator(engine).subject(member == null ? "" : member, d));
        }

        /** Whether the class is a single interface, which does not meet itself. */
        boolean alone() {
            return owners.size() == 1 && outside.isEmpty();
        }
    }

    private final PolicyEngine before;
    private final PolicyEngine after;
    private final ResourceKey network;
    private final List<AddressSet> ranges;

    /** Where addresses may begin to be told apart by ranges. */
    private final NavigableSet<Address> bounds = new TreeSet<>();

    private final Map<Signature, Klass> classes = new LinkedHashMap<>();

    private Preview(PolicyEngine before, PolicyEngine after, ResourceKey network) {
        this.before = before;
        this.after = after;
        this.network = network;
        var all = new LinkedHashSet<AddressSet>();
        rangesOf(before, all);
        rangesOf(after, all);
        this.ranges = List.copyOf(all);
        for (var set : ranges) {
            for (var range : set.ranges()) {
                bounds.add(range.first());
                if (!range.last().equals(Address.last(range.last().family()))) {
                    bounds.add(range.last().next());
                }
            }
        }
    }

    /** What lies between neighbouring bounds, of addresses of one family. */
    private List<Range> pieces(Address first, Address last) {
        var pieces = new ArrayList<Range>();
        var start = first;
        for (var bound : bounds.subSet(first, false, last, true)) {
            pieces.add(new Range(start, bound.previous()));
            start = bound;
        }
        pieces.add(new Range(start, last));
        return pieces;
    }

    /** Compares the present with what it would be after all of the changes. */
    public static Difference of(
            PolicyEngine present, ResourceKey network, Collection<Change> changes) throws TooLarge {
        var before = new PolicyEngine();
        var after = new PolicyEngine();
        for (var member : present.members()) {
            if (member.network().equals(network)) {
                copy(member, before);
                copy(member, after);
            }
        }
        var changed = new HashSet<ResourceKey>();
        changes.forEach(c -> changed.add(c.policy()));
        for (var policy : present.policies()) {
            if (policy.policy().network().equals(network)) {
                before.putPolicy(policy, PolicyEngine.Listener.NONE);
                if (!changed.contains(policy.key())) {
                    after.putPolicy(policy, PolicyEngine.Listener.NONE);
                }
            }
        }
        for (var change : changes) {
            if (change.now() != null) {
                after.putPolicy(PolicyCompiler.compile(change.now()), PolicyEngine.Listener.NONE);
            }
        }
        return new Preview(before, after, network).compare(changed);
    }

    /** VirtualIPs are members like others here: who uses them does not change. */
    private static void copy(Member member, PolicyEngine engine) {
        engine.putMember(member, PolicyEngine.Listener.NONE);
    }

    private static void rangesOf(PolicyEngine engine, Set<AddressSet> all) {
        for (var policy : engine.policies()) {
            for (var rule : policy.rules()) {
                if (rule.peer() instanceof CompiledRule.Peer.Ranges(var addresses)) {
                    all.add(addresses);
                }
            }
        }
    }

    private Difference compare(Set<ResourceKey> changed) throws TooLarge {
        before.members().stream()
                .filter(m -> m.network().equals(network))
                .sorted((a, b) -> a.key().compareTo(b.key()))
                .forEach(this::classify);
        classifyOutside();
        if (classes.size() > MAX_CLASSES) {
            throw new TooLarge(classes.size());
        }
        var opened = new ArrayList<Flows>();
        var closed = new ArrayList<Flows>();
        var affected = new HashSet<Klass>();
        for (var klass : classes.values()) {
            if (klass.member != null
                    && (applies(before, klass.member, changed)
                            || applies(after, klass.member, changed))) {
                affected.add(klass);
            }
        }
        for (var from : classes.values()) {
            for (var to : classes.values()) {
                if ((affected.contains(from) || affected.contains(to)) && meet(from, to)) {
                    var was = ports(before, from, from.before, to, to.before);
                    var is = ports(after, from, from.after, to, to.after);
                    add(opened, from, to, is.minus(was));
                    add(closed, from, to, was.minus(is));
                }
            }
        }
        return new Difference(merged(opened), merged(closed));
    }

    private static boolean applies(PolicyEngine engine, String member, Set<ResourceKey> changed) {
        return engine.groupsOf(member).stream()
                .flatMap(g -> g.applied().stream())
                .anyMatch(p -> changed.contains(p.key()));
    }

    private static boolean meet(Klass from, Klass to) {
        return from.before.address().family() == to.before.address().family()
                && (from != to || !from.alone());
    }

    /** What passes at both ends; an end that is no interface lets everything pass. */
    private static PortSet ports(
            PolicyEngine engine, Klass from, Endpoint source, Klass to, Endpoint destination) {
        return from.subject(engine, Direction.Egress)
                .ports(destination)
                .intersect(to.subject(engine, Direction.Ingress).ports(source));
    }

    // ---- Classes ----

    private void classify(Member member) {
        for (var addresses : member.addresses()) {
            for (var piece : pieces(Address.firstOf(addresses), Address.lastOf(addresses))) {
                classify(member, piece);
            }
        }
    }

    private void classify(Member member, Range piece) {
        var was = Endpoint.of(before, piece.first(), member.key());
        var is = Endpoint.of(after, piece.first(), member.key());
        boolean subject = member.kind() == MemberKind.NetworkInterface;
        var klass =
                classes.computeIfAbsent(
                        new Signature(
                                subject ? Sort.INTERFACE : Sort.OTHER_MEMBER,
                                piece.first().family(),
                                was.groups(),
                                is.groups(),
                                rangesWith(piece.first())),
                        _ -> new Klass(was, is, subject ? member.key() : null));
        klass.owners.add(member.key());
        for (var cidr : AddressSet.ofRanges(List.of(piece)).cidrs()) {
            klass.parties.add(new Party.Of(member.kind(), member.name(), cidr));
        }
    }

    private Set<Integer> rangesWith(Address address) {
        var with = new HashSet<Integer>();
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(address)) {
                with.add(i);
            }
        }
        return with;
    }

    /** Between two neighbouring bounds of ranges, all addresses of the outside are alike. */
    private void classifyOutside() {
        for (var family : IpFamily.values()) {
            for (var range : pieces(Address.first(family), Address.last(family))) {
                var start = range.first();
                var stranger = Endpoint.stranger(start);
                classes.computeIfAbsent(
                                new Signature(
                                        Sort.OUTSIDE,
                                        family,
                                        Set.of(),
                                        Set.of(),
                                        rangesWith(start)),
                                _ -> new Klass(stranger, stranger, null))
                        .outside
                        .add(range);
            }
        }
    }

    // ---- Flows ----

    private static void add(List<Flows> flows, Klass from, Klass to, PortSet ports) {
        if (!ports.isEmpty()) {
            flows.add(new Flows(from.parties(), to.parties(), ports));
        }
    }

    /** Flows that differ in their destinations alone become one, then those in their sources. */
    private static List<Flows> merged(List<Flows> flows) {
        var byFrom = new LinkedHashMap<List<Object>, List<Party>>();
        for (var flow : flows) {
            byFrom.computeIfAbsent(List.of(flow.from, flow.ports), _ -> new ArrayList<>())
                    .addAll(flow.to);
        }
        var byTo = new LinkedHashMap<List<Object>, List<Party>>();
        byFrom.forEach((key, to) ->
                byTo.computeIfAbsent(List.of(to, key.get(1)), _ -> new ArrayList<>())
                        .addAll(parties(key.get(0))));
        var merged = new ArrayList<Flows>();
        byTo.forEach((key, from) ->
                merged.add(
                        new Flows(
                                List.copyOf(from),
                                List.copyOf(parties(key.get(0))),
                                (PortSet) key.get(1))));
        return merged;
    }

    @SuppressWarnings("unchecked") // The first of each key is such a list.
    private static List<Party> parties(Object list) {
        return (List<Party>) list;
    }
}
