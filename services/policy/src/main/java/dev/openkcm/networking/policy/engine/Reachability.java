package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.policy.domain.Direction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Can A reach B, and who says so: finds the ends of a connection, follows the translations on the
 * way, and has both ends judged with the addresses that each of them sees.
 *
 * <ul>
 *   <li>Between interfaces of a Network addresses stay as they are.
 *   <li>What is sent to a VirtualIP arrives at the private address of the interface that uses it.
 *       The sender's policies see the public destination, the receiver's see the private one.
 *   <li>What goes out, to a VirtualIP too, arrives from the sender's public address. The sender's
 *       policies see the private source.
 *   <li>What is sent to a balancer arrives at one of its destinations with the balancer's address
 *       still in it.
 *   <li>Interfaces of a peered Network are reached under their own addresses. No selector finds
 *       them; ranges do.
 * </ul>
 */
public final class Reachability {

    /** One end, as asked for. */
    public sealed interface Party {

        /** An interface, balancer or VirtualIP of the namespace. */
        record Named(MemberKind kind, String name) implements Party {
            @Override
            public String toString() {
                return kind + " " + name;
            }
        }

        /** Whoever has an address. */
        record At(Address address) implements Party {
            @Override
            public String toString() {
                return address.toString();
            }
        }
    }

    /**
     * A question.
     *
     * @param family null for every family that both ends have
     */
    public record Question(
            ResourceKey network,
            Party from,
            Party to,
            Protocol protocol,
            int port,
            @Nullable IpFamily family) {}

    /** Source and destination of a packet, at some place of its way. */
    public record Tuple(Address source, Address destination) {}

    /** What the policies of one interface say. */
    public record Leg(Direction direction, Member networkInterface, Verdict verdict) {}

    /**
     * One way that a connection may take: a pair of addresses and, behind a balancer, one of its
     * destinations.
     *
     * @param sent what the sender's policies see
     * @param received what the receiver's policies see; null when it goes to the outside unchanged
     *     by anything known here
     * @param egress null when the sender is not an interface known here
     * @param ingress null when the receiver is not
     * @param obstacle why no policy is needed to keep it from arriving, as a sentence
     * @param notes what happens on the way, as sentences
     */
    public record Path(
            @Nullable Tuple sent,
            @Nullable Tuple received,
            @Nullable Leg egress,
            @Nullable Leg ingress,
            @Nullable String obstacle,
            List<String> notes) {

        public Path {
            notes = List.copyOf(notes);
        }

        public boolean allowed() {
            return obstacle == null
                    && (egress == null || egress.verdict().allowed())
                    && (ingress == null || ingress.verdict().allowed());
        }
    }

    /** Every way; a connection is allowed when all of them are. */
    public record Answer(Question question, List<Path> paths) {
        public Answer {
            paths = List.copyOf(paths);
        }

        public boolean allowed() {
            return !paths.isEmpty() && paths.stream().allMatch(Path::allowed);
        }

        /** The way that decides: the first that is closed, or else the first. */
        public Path decisive() {
            return paths.stream()
                    .filter(path -> !path.allowed())
                    .findFirst()
                    .orElseGet(paths::getFirst);
        }
    }

    /** A question that can't be asked, and why. */
    public static final class Unanswerable extends Exception {
        public Unanswerable(String message) {
            super(message);
        }
    }

    /** An end with one address. */
    private record End(Address address, @Nullable Member member) {}

    private final Estate estate;
    private final Evaluator evaluator;
    private final Question question;

    private Reachability(Estate estate, Question question) {
        this.estate = estate;
        this.evaluator = new Evaluator(estate.engine());
        this.question = question;
    }

    public static Answer answer(Estate estate, Question question) throws Unanswerable {
        return new Reachability(estate, question).answer();
    }

    private Answer answer() throws Unanswerable {
        if (question.from() instanceof Party.Named(var kind, var name)
                && kind == MemberKind.LoadBalancer) {
            throw new Unanswerable(
                    "LoadBalancer %s opens no connections; ask for one of its destinations"
                            .formatted(name));
        }
        var sources = ends(question.from());
        var destinations = ends(question.to());
        var paths = new ArrayList<Path>();
        for (var source : sources) {
            for (var destination : destinations) {
                if (source.address().family() == destination.address().family()) {
                    paths.addAll(paths(source, destination));
                }
            }
        }
        if (paths.isEmpty()) {
            paths.add(
                    blocked(
                            sources.isEmpty() || destinations.isEmpty()
                                    ? "%s has no address%s"
                                            .formatted(
                                                    sources.isEmpty()
                                                            ? question.from()
                                                            : question.to(),
                                                    question.family() == null
                                                            ? ""
                                                            : " of the family " + question.family())
                                    : "%s and %s have no family of addresses in common"
                                            .formatted(question.from(), question.to())));
        }
        return new Answer(question, paths);
    }

    private static Path blocked(String obstacle) {
        return new Path(null, null, null, null, obstacle, List.of());
    }

    // ---- The ends ----

    private List<End> ends(Party party) throws Unanswerable {
        var ends = new ArrayList<End>();
        switch (party) {
            case Party.At(var address) ->
                    ends.add(
                            new End(
                                    address,
                                    estate.holder(question.network(), address).orElse(null)));
            case Party.Named(var kind, var name) -> {
                if (kind == MemberKind.VirtualIP) {
                    var virtualIp =
                            estate.virtualIp(question.network().sibling(name))
                                    .orElseThrow(() -> missing(party));
                    if (virtualIp.address() != null) {
                        ends.add(new End(Address.firstOf(virtualIp.address()), null));
                    }
                } else {
                    var member =
                            estate.engine()
                                    .member(Member.key(kind, question.network(), name))
                                    .orElseThrow(() -> missing(party));
                    for (var address : member.addresses()) {
                        if (address.isAddress()) {
                            ends.add(new End(Address.firstOf(address), member));
                        }
                    }
                }
            }
        }
        ends.removeIf(e -> question.family() != null && e.address().family() != question.family());
        return ends;
    }

    private Unanswerable missing(Party party) {
        return new Unanswerable(
                "there is no %s in Network %s".formatted(party, question.network()));
    }

    /** The interface that an end is, if it is one of the Network. */
    private static @Nullable Member interfaceAt(End end) {
        return end.member() != null && end.member().kind() == MemberKind.NetworkInterface
                ? end.member()
                : null;
    }

    /** How the policies of a Network see an address. */
    private Endpoint seen(ResourceKey network, Address address) {
        var owners = new ArrayList<String>();
        estate.holder(network, address).ifPresent(m -> owners.add(m.key()));
        estate.virtualIpAt(address)
                .ifPresent(v ->
                        owners.add(
                                Member.key(
                                        MemberKind.VirtualIP,
                                        new ResourceKey(v.key().namespace(), network.name()),
                                        v.key().name())));
        return Endpoint.of(estate.engine(), address, owners);
    }

    // ---- The ways ----

    private List<Path> paths(End source, End destination) throws Unanswerable {
        var sender = interfaceAt(source);
        var receiver = destination.member();
        if (receiver != null) {
            return receiver.kind() == MemberKind.LoadBalancer
                    ? throughBalancer(source, receiver, destination.address())
                    : List.of(direct(source, sender, receiver, destination.address()));
        }
        var virtualIp = estate.virtualIpAt(destination.address());
        if (virtualIp.isPresent()) {
            return List.of(toVirtualIp(source, sender, virtualIp.get(), destination.address()));
        }
        if (sender == null) {
            throw new Unanswerable(
                    "neither %s nor %s is in Network %s"
                            .formatted(question.from(), question.to(), question.network()));
        }
        return List.of(
                toPeer(source, sender, destination.address())
                        .orElseGet(() -> toOutside(source, sender, destination.address())));
    }

    private Path direct(End source, @Nullable Member sender, Member receiver, Address to) {
        var notes = new ArrayList<String>();
        var tuple = new Tuple(source.address(), to);
        if (sender == null) {
            var peer = peerOf(source.address());
            notes.add(
                    peer.isPresent()
                            ? "from NetworkInterface %s of the peered Network %s: no selector finds it, ranges do"
                                    .formatted(peer.get().name(), peer.get().network())
                            : outsideNote(receiver, to));
            return new Path(
                    tuple,
                    tuple,
                    peer.map(p -> egress(p, Endpoint.stranger(to))).orElse(null),
                    ingress(
                            receiver,
                            peer.isPresent()
                                    ? Endpoint.stranger(source.address())
                                    : seen(receiver.network(), source.address())),
                    null,
                    notes);
        }
        if (sender.key().equals(receiver.key())) {
            notes.add("what an interface sends to itself does not leave it");
            return new Path(tuple, tuple, null, null, null, notes);
        }
        return new Path(
                tuple,
                tuple,
                egress(sender, seen(sender.network(), to)),
                ingress(receiver, seen(receiver.network(), source.address())),
                null,
                notes);
    }

    private String outsideNote(Member receiver, Address to) {
        return estate.publicAddress(receiver, to.family())
                .flatMap(estate::virtualIpAt)
                .map(v ->
                        "from outside it is reached at %s, which VirtualIP %s translates to %s"
                                .formatted(v.address(), v.key().name(), to))
                .orElse(
                        "no VirtualIP leads to NetworkInterface %s from outside"
                                .formatted(receiver.name()));
    }

    private List<Path> throughBalancer(End source, Member balancer, Address to) {
        var sender = interfaceAt(source);
        var tuple = new Tuple(source.address(), to);
        String name = "LoadBalancer " + balancer.name();
        var egress = sender == null ? null : egress(sender, seen(balancer.network(), to));
        var ports = estate.balancing(balancer).map(Estate.Balancing::ports).orElse(PortSet.NONE);
        if (!ports.contains(question.protocol(), question.port())) {
            return List.of(
                    new Path(
                            tuple,
                            null,
                            egress,
                            null,
                            "%s does not pass on %s %d"
                                    .formatted(name, question.protocol(), question.port()),
                            List.of()));
        }
        var destinations = estate.destinations(balancer, to.family());
        if (destinations.isEmpty()) {
            return List.of(
                    new Path(
                            tuple,
                            null,
                            egress,
                            null,
                            "%s has no destination of the family %s".formatted(name, to.family()),
                            List.of()));
        }
        var paths = new ArrayList<Path>();
        for (var destination : destinations) {
            paths.add(
                    new Path(
                            tuple,
                            tuple,
                            egress,
                            ingress(destination, seen(destination.network(), source.address())),
                            null,
                            List.of(
                                    "%s may pass it on to NetworkInterface %s, with the balancer's address still in it"
                                            .formatted(name, destination.name()))));
        }
        return paths;
    }

    private Path toVirtualIp(End source, @Nullable Member sender, VirtualIp virtualIp, Address to) {
        var sent = new Tuple(source.address(), to);
        var notes = new ArrayList<String>();
        var egress = sender == null ? null : egress(sender, seen(sender.network(), to));
        var user = estate.userOf(virtualIp);
        if (user.isEmpty() || user.get().kind() != MemberKind.NetworkInterface) {
            return new Path(
                    sent,
                    null,
                    egress,
                    null,
                    "VirtualIP %s leads to no NetworkInterface".formatted(virtualIp.key().name()),
                    notes);
        }
        var receiver = user.get();
        var arrived =
                receiver.addresses().stream()
                        .filter(a -> a.isAddress() && a.family() == to.family())
                        .findFirst();
        if (arrived.isEmpty()) {
            return new Path(
                    sent,
                    null,
                    egress,
                    null,
                    "NetworkInterface %s has no address of the family %s"
                            .formatted(receiver.name(), to.family()),
                    notes);
        }
        notes.add(
                "VirtualIP %s translates the destination %s to %s of NetworkInterface %s"
                        .formatted(virtualIp.key().name(), to, arrived.get(), receiver.name()));
        var from = source.address();
        if (sender != null) {
            var outside = estate.publicAddress(sender, to.family());
            if (outside.isEmpty()) {
                return new Path(sent, null, egress, null, noWayOut(sender, to.family()), notes);
            }
            from = outside.get();
            notes.add("the source %s is translated to %s".formatted(source.address(), from));
        }
        return new Path(
                sent,
                new Tuple(from, Address.firstOf(arrived.get())),
                egress,
                ingress(receiver, seen(receiver.network(), from)),
                null,
                notes);
    }

    private Optional<Member> peerOf(Address address) {
        var network = estate.network(question.network());
        if (network.isEmpty()) {
            return Optional.empty();
        }
        return network.get().peers().stream()
                .flatMap(p -> estate.holder(p, address).stream())
                .filter(m -> m.kind() == MemberKind.NetworkInterface)
                .findFirst();
    }

    private Optional<Path> toPeer(End source, Member sender, Address to) {
        var tuple = new Tuple(source.address(), to);
        return peerOf(to)
                .map(receiver ->
                        new Path(
                                tuple,
                                tuple,
                                egress(sender, Endpoint.stranger(to)),
                                ingress(receiver, Endpoint.stranger(source.address())),
                                null,
                                List.of(
                                        "to NetworkInterface %s of the peered Network %s: no selector finds it, ranges do"
                                                .formatted(receiver.name(), receiver.network()))));
    }

    private Path toOutside(End source, Member sender, Address to) {
        var sent = new Tuple(source.address(), to);
        var outside = estate.publicAddress(sender, to.family());
        return new Path(
                sent,
                outside.map(from -> new Tuple(from, to)).orElse(null),
                egress(sender, seen(sender.network(), to)),
                null,
                null,
                List.of(
                        outside.map(from ->
                                        "%s is outside of the Network; the source is translated to %s after the policies have seen it"
                                                .formatted(to, from))
                                .orElse(noWayOut(sender, to.family()))));
    }

    private static String noWayOut(Member sender, IpFamily family) {
        return "NetworkInterface %s has neither a VirtualIP nor a NATGateway address of the family %s, so nothing leads out"
                .formatted(sender.name(), family);
    }

    private Leg egress(Member sender, Endpoint other) {
        return leg(Direction.Egress, sender, other);
    }

    private Leg ingress(Member receiver, Endpoint other) {
        return leg(Direction.Ingress, receiver, other);
    }

    private Leg leg(Direction direction, Member networkInterface, Endpoint other) {
        return new Leg(
                direction,
                networkInterface,
                evaluator.judge(
                        networkInterface.key(),
                        direction,
                        other,
                        question.protocol(),
                        question.port()));
    }
}
