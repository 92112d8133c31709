package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.domain.natgateway.NetworkFact;
import dev.openkcm.networking.vipnat.domain.natgateway.Service;
import dev.openkcm.networking.vipnat.domain.natgateway.Slots;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which interface of a Network has which ports of which gateway.
 *
 * <p>An interface is served by the gateway that came first of those with a free slot, there by the
 * first address in the list with a free slot, there by the lowest. It keeps its ports as long as it
 * is there: whoever comes or goes moves nobody else. Ports that were given up rest before another
 * interface gets them. Interfaces that found nothing are served in the order in which they came.
 */
public final class NatTable {

    private record Place(NatMember member, long order) {}

    private record Resting(String gateway, NatRest rest) {}

    /** A public address with its slots. */
    private static final class Address {
        NatGatewaySetup.Address setup;

        /** The slots that are used, or of which ports rest. */
        final BitSet taken = new BitSet();

        /** By their first port; none has ports of another. */
        final TreeMap<Integer, NatRest> rests = new TreeMap<>();

        int used;

        Address(NatGatewaySetup.Address setup) {
            this.setup = setup;
        }

        int resting() {
            return taken.cardinality() - used;
        }

        void rest(NatRest rest, Slots slots) {
            rests.put(rest.port(), rest);
            // What is left over at the top is in no slot.
            int end = Math.min(slots.of(rest.endPort()) + 1, slots.perAddress());
            taken.set(Math.min(slots.of(rest.port()), end), end);
        }

        void rested(NatRest rest, Slots slots) {
            rests.remove(rest.port());
            for (int slot = slots.of(rest.port()); slot <= slots.of(rest.endPort()); slot++) {
                if (restsIn(slot, slots).isEmpty()) {
                    taken.clear(slot);
                }
            }
        }

        /** Whether what keeps a slot from being free is kept for an interface. */
        boolean isKept(int slot, Slots slots, String uid) {
            var resting = restsIn(slot, slots);
            return !resting.isEmpty()
                    && resting.stream().allMatch(rest -> uid.equals(rest.keeper()));
        }

        /** Whatever rests of the ports of a slot. */
        List<NatRest> restsIn(int slot, Slots slots) {
            var first = rests.floorEntry(slots.firstPort(slot));
            boolean from = first != null && first.getValue().endPort() >= slots.firstPort(slot);
            return List.copyOf(
                    rests.subMap(
                                    from ? first.getKey() : slots.firstPort(slot),
                                    true,
                                    slots.lastPort(slot),
                                    true)
                            .values());
        }
    }

    private static final class Gateway {
        NatGatewaySetup setup;
        Slots slots;
        final long arrival;
        final Map<String, Address> addresses = new LinkedHashMap<>();
        final Map<String, NatRange> ranges = new HashMap<>();

        /** What rests and has a keeper, by its uid. */
        final Map<String, List<NatRest>> kept = new HashMap<>();

        Hash hash = Hash.ZERO;

        Gateway(NatGatewaySetup setup, long arrival) {
            this.setup = setup;
            this.arrival = arrival;
            this.slots = new Slots(setup.ports());
        }

        int resting() {
            return addresses.values().stream().mapToInt(Address::resting).sum();
        }
    }

    private final Duration quarantine;
    private final NatJournal journal;
    private final Map<String, Place> members = new HashMap<>();
    private final Map<String, Gateway> gateways = new HashMap<>();
    private final Map<IpFamily, List<Gateway>> byArrival = new EnumMap<>(IpFamily.class);
    private final Map<IpFamily, NavigableMap<Long, String>> unserved =
            new EnumMap<>(IpFamily.class);
    private final TreeSet<Resting> rests =
            new TreeSet<>(
                    Comparator.<Resting, Instant>comparing(r -> r.rest().until())
                            .thenComparing(Resting::gateway)
                            .thenComparing(r -> r.rest().publicIp())
                            .thenComparingInt(r -> r.rest().port()));
    private final TreeSet<String> changed = new TreeSet<>();
    private long nextOrder;
    private long nextArrival;

    public NatTable(Duration quarantine, NatJournal journal) {
        this.quarantine = quarantine;
        this.journal = journal;
        for (IpFamily family : IpFamily.values()) {
            byArrival.put(family, new ArrayList<>());
            unserved.put(family, new TreeMap<>());
        }
    }

    /** An interface is there, as told; the same again changes nothing. */
    public void member(NatMember member, Instant now) {
        tick(now);
        var before = members.get(member.name());
        if (before != null && before.member().equals(member)) {
            return;
        }
        if (before != null && !before.member().uid().equals(member.uid())) {
            memberGone(member.name(), now); // Another one of the same name.
            before = null;
        }
        var place = new Place(member, before == null ? nextOrder++ : before.order());
        members.put(member.name(), place);
        journal.member(member, place.order());
        for (IpFamily family : IpFamily.values()) {
            update(family, place, now);
        }
        tick(now);
    }

    private void update(IpFamily family, Place place, Instant now) {
        var member = place.member();
        var gateway = servedBy(family, member.name());
        if (!member.eligible(family)) {
            stopServing(family, place, now);
        } else if (gateway != null) {
            refresh(gateway, member);
        } else if (!unserved(family).containsKey(place.order())) {
            unserved(family).put(place.order(), member.name());
            mark(family);
            serve(family, now);
        }
    }

    private void stopServing(IpFamily family, Place place, Instant now) {
        if (unserved(family).remove(place.order()) != null) {
            mark(family);
        }
        var gateway = servedBy(family, place.member().name());
        if (gateway != null) {
            release(gateway, place.member().name(), now);
        }
    }

    /** The interface is gone, and its ports rest. */
    public void memberGone(String name, Instant now) {
        tick(now);
        var place = members.remove(name);
        if (place != null) {
            journal.memberGone(place.member());
            for (IpFamily family : IpFamily.values()) {
                stopServing(family, place, now);
            }
        }
        tick(now);
    }

    private static void flip(Gateway gateway, NatRange range) {
        gateway.hash = gateway.hash.toggle(Hash.of(range.hashed()));
    }

    private void refresh(Gateway gateway, NatMember member) {
        var range = range(gateway, member.name());
        String ip = Objects.requireNonNull(member.address(gateway.setup.family()));
        if (!ip.equals(range.ip())) {
            flip(gateway, range);
            var now =
                    new NatRange(
                            range.nic(),
                            range.uid(),
                            ip,
                            range.publicIp(),
                            range.slot(),
                            range.port(),
                            range.endPort(),
                            range.since());
            flip(gateway, now);
            gateway.ranges.put(member.name(), now);
            journal.refreshed(gateway.setup, now, gateway.hash.toString());
            mark(gateway.setup.family());
        }
    }

    private void release(Gateway gateway, String nic, Instant now) {
        var range = forget(gateway, nic);
        var address = gateway.addresses.get(range.publicIp());
        if (address != null) {
            address.used--;
            letRest(gateway, range, null, now);
            tellEmptied(gateway, address);
        }
    }

    private void letRest(Gateway gateway, NatRange range, @Nullable String keeper, Instant now) {
        letRest(
                gateway,
                new NatRest(
                        range.publicIp(),
                        range.port(),
                        range.endPort(),
                        now.plus(quarantine),
                        keeper));
    }

    private void letRest(Gateway gateway, NatRest rest) {
        keep(gateway, rest);
        journal.rests(gateway.setup, rest);
    }

    private void keep(Gateway gateway, NatRest rest) {
        address(gateway, rest).rest(rest, gateway.slots);
        rests.add(new Resting(gateway.setup.name(), rest));
        if (rest.keeper() != null) {
            gateway.kept.computeIfAbsent(rest.keeper(), _ -> new ArrayList<>()).add(rest);
        }
    }

    private void endRest(Gateway gateway, NatRest rest) {
        address(gateway, rest).rested(rest, gateway.slots);
        rests.remove(new Resting(gateway.setup.name(), rest));
        if (rest.keeper() != null) {
            gateway.kept.computeIfPresent(
                    rest.keeper(),
                    (_, kept) -> {
                        kept.remove(rest);
                        return kept.isEmpty() ? null : kept;
                    });
        }
        journal.rested(gateway.setup, rest);
    }

    private static Address address(Gateway gateway, NatRest rest) {
        var address = gateway.addresses.get(rest.publicIp());
        if (address == null) {
            throw new IllegalStateException(gateway.setup.name() + " does not have " + rest);
        }
        return address;
    }

    private NatRange forget(Gateway gateway, String nic) {
        var range = range(gateway, nic);
        gateway.ranges.remove(nic);
        flip(gateway, range);
        journal.released(gateway.setup, range);
        mark(gateway.setup.family());
        return range;
    }

    private static NatRange range(Gateway gateway, String nic) {
        var range = gateway.ranges.get(nic);
        if (range == null) {
            throw new IllegalStateException(gateway.setup.name() + " does not serve " + nic);
        }
        return range;
    }

    private void tellEmptied(Gateway gateway, Address address) {
        if (address.setup.releasingSince() != null && address.used == 0) {
            journal.emptied(gateway.setup, address.setup);
        }
    }

    private @Nullable Gateway servedBy(IpFamily family, String nic) {
        for (Gateway gateway : byArrival(family)) {
            if (gateway.ranges.containsKey(nic)) {
                return gateway;
            }
        }
        return null;
    }

    /** Serves those who wait, oldest first, until nothing is free, nor kept for one of them. */
    private void serve(IpFamily family, Instant now) {
        var waiting = unserved(family).values().iterator();
        while (waiting.hasNext()) {
            var member = place(waiting.next()).member();
            if (place(family, member, now)
                    || (endRestsOfLayouts(family) && place(family, member, now))) {
                waiting.remove();
                mark(family);
            } else if (byArrival(family).stream().allMatch(g -> g.kept.isEmpty())) {
                return;
            }
        }
    }

    private boolean place(IpFamily family, NatMember member, Instant now) {
        for (Gateway gateway : byArrival(family)) {
            for (Address address : gateway.addresses.values()) {
                if (address.setup.releasingSince() == null) {
                    int slot = freeSlot(gateway, address, member.uid());
                    if (slot < gateway.slots.perAddress()) {
                        assign(gateway, address, slot, member, now);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The lowest slot that is free, but for ports that are kept for the interface. */
    private static int freeSlot(Gateway gateway, Address address, String uid) {
        int free = address.taken.nextClearBit(0);
        for (NatRest kept : gateway.kept.getOrDefault(uid, List.of())) {
            if (kept.publicIp().equals(address.setup.ip())) {
                int last = Math.min(gateway.slots.of(kept.endPort()), free - 1);
                for (int slot = gateway.slots.of(kept.port()); slot <= last; slot++) {
                    if (address.isKept(slot, gateway.slots, uid)) {
                        free = slot;
                        break;
                    }
                }
            }
        }
        return free;
    }

    /**
     * Nobody goes without ports because of a new layout: where a gateway can have no further
     * address, what rests for that reason alone does so no longer.
     */
    private boolean endRestsOfLayouts(IpFamily family) {
        boolean any = false;
        for (Gateway gateway : byArrival(family)) {
            if (gateway.setup.full()) {
                var kept = gateway.kept.values().stream().flatMap(List::stream).toList();
                kept.forEach(rest -> endRest(gateway, rest));
                any = any || !kept.isEmpty();
            }
        }
        return any;
    }

    private void assign(Gateway gateway, Address address, int slot, NatMember member, Instant now) {
        var range =
                new NatRange(
                        member.name(),
                        member.uid(),
                        Objects.requireNonNull(member.address(gateway.setup.family())),
                        address.setup.ip(),
                        slot,
                        gateway.slots.firstPort(slot),
                        gateway.slots.lastPort(slot),
                        now);
        takeBack(gateway, address, range);
        address.taken.set(slot);
        address.used++;
        gateway.ranges.put(member.name(), range);
        flip(gateway, range);
        journal.assigned(gateway.setup, range, gateway.hash.toString());
        mark(gateway.setup.family());
    }

    /** What is kept for an interface rests no longer where it has it; the remainder does. */
    private void takeBack(Gateway gateway, Address address, NatRange range) {
        for (NatRest rest : address.restsIn(range.slot(), gateway.slots)) {
            endRest(gateway, rest);
            if (rest.port() < range.port()) {
                letRest(gateway, rest.part(rest.port(), range.port() - 1));
            }
            if (rest.endPort() > range.endPort()) {
                letRest(gateway, rest.part(range.endPort() + 1, rest.endPort()));
            }
        }
    }

    /** Ends the quarantines that are over. */
    public void tick(Instant now) {
        var families = new TreeSet<IpFamily>();
        while (!rests.isEmpty() && !rests.first().rest().until().isAfter(now)) {
            var over = rests.first();
            var gateway = gateway(over.gateway());
            endRest(gateway, over.rest());
            families.add(gateway.setup.family());
        }
        for (IpFamily family : families) {
            mark(family);
            serve(family, now);
        }
    }

    /** A gateway is there, as wished; the same again changes nothing. */
    public void gateway(NatGatewaySetup setup, Instant now) {
        tick(now);
        var before = gateways.get(setup.name());
        if (before != null && !before.setup.uid().equals(setup.uid())) {
            gatewayGone(setup.name(), now); // Another one of the same name.
            before = null;
        }
        if (before != null && setup.version() < before.setup.version()) {
            return;
        }
        var gateway = before == null ? new Gateway(setup, nextArrival++) : before;
        if (before == null) {
            gateways.put(setup.name(), gateway);
            byArrival(setup.family()).add(gateway);
        }
        boolean anew = setup.ports() != gateway.setup.ports();
        gateway.setup = setup;
        journal.gateway(setup, gateway.arrival);
        var homeless = anew ? layAnew(gateway, now) : List.<String>of();
        var moved = new ArrayList<>(homeless);
        moved.addAll(replaceAddresses(gateway));
        takeUp(setup.family(), moved, now);
    }

    /** Ends all ranges at once, before any of the new length is given, so that none overlap. */
    private List<String> layAnew(Gateway gateway, Instant now) {
        for (Address address : gateway.addresses.values()) {
            address.used = 0;
            address.taken.clear();
        }
        gateway.slots = new Slots(gateway.setup.ports());
        for (Address address : gateway.addresses.values()) {
            List.copyOf(address.rests.values()).forEach(rest -> address.rest(rest, gateway.slots));
        }
        var nics = served(gateway);
        for (String nic : nics) {
            var range = forget(gateway, nic);
            letRest(gateway, range, range.uid(), now);
        }
        return nics;
    }

    /** Ends all ranges, and nothing rests, since the addresses themselves do. */
    private List<String> forgetAll(Gateway gateway) {
        var nics = served(gateway);
        nics.forEach(nic -> forget(gateway, nic));
        gateway.addresses.values().forEach(address -> forgetRests(gateway, address));
        return nics;
    }

    /** In the order in which they came. */
    private List<String> served(Gateway gateway) {
        return gateway.ranges.keySet().stream()
                .sorted(Comparator.comparingLong(this::orderOf))
                .toList();
    }

    private long orderOf(String nic) {
        var place = members.get(nic);
        return place == null ? Long.MAX_VALUE : place.order();
    }

    private void forgetRests(Gateway gateway, Address address) {
        List.copyOf(address.rests.values()).forEach(rest -> endRest(gateway, rest));
    }

    /** Returns the interfaces that had ports of an address that is gone. */
    private List<String> replaceAddresses(Gateway gateway) {
        var wished =
                gateway.setup.addresses().stream()
                        .map(NatGatewaySetup.Address::ip)
                        .collect(Collectors.toSet());
        var homeless = new ArrayList<String>();
        for (String publicIp : new TreeSet<>(gateway.addresses.keySet())) {
            var address = Objects.requireNonNull(gateway.addresses.get(publicIp));
            if (!wished.contains(publicIp)) {
                for (NatRange range : List.copyOf(gateway.ranges.values())) {
                    if (range.publicIp().equals(publicIp)) {
                        forget(gateway, range.nic());
                        homeless.add(range.nic());
                    }
                }
                forgetRests(gateway, address);
            }
        }
        var before = Map.copyOf(gateway.addresses);
        gateway.addresses.clear();
        for (var setup : gateway.setup.addresses()) {
            var address = Optional.ofNullable(before.get(setup.ip())).orElse(new Address(setup));
            address.setup = setup;
            gateway.addresses.put(setup.ip(), address);
        }
        gateway.addresses.values().forEach(address -> tellEmptied(gateway, address));
        return homeless;
    }

    private void takeUp(IpFamily family, List<String> nics, Instant now) {
        for (String nic : nics) {
            unserved(family).put(place(nic).order(), nic);
        }
        mark(family);
        serve(family, now);
    }

    /** The gateway is gone; whom it served, others may serve. */
    public void gatewayGone(String name, Instant now) {
        tick(now);
        var gateway = gateways.get(name);
        if (gateway != null) {
            var family = gateway.setup.family();
            var homeless = forgetAll(gateway);
            gateways.remove(name);
            byArrival(family).remove(gateway);
            journal.gatewayGone(gateway.setup);
            takeUp(family, homeless, now);
        }
    }

    private void mark(IpFamily family) {
        byArrival(family).forEach(gateway -> changed.add(gateway.setup.name()));
    }

    /** Has every gateway reported once more. */
    public void markAll() {
        changed.addAll(gateways.keySet());
    }

    /** The gateways whose service changed since this was asked last. */
    public List<NatGatewaySetup> changedGateways() {
        var list =
                changed.stream()
                        .map(gateways::get)
                        .filter(Objects::nonNull)
                        .map(g -> g.setup)
                        .toList();
        changed.clear();
        return list;
    }

    /** Whom the gateway serves. */
    public Service service(String name, NetworkFact network) {
        var gateway = gateway(name);
        var queue = unserved(gateway.setup.family());
        return new Service(
                network,
                gateway.ranges.size(),
                gateway.ranges.size() + queue.size(),
                gateway.resting(),
                queue.values().stream().limit(Service.SHOWN).toList(),
                gateway.addresses.values().stream()
                        .map(a -> new Service.Use(a.setup.name(), a.used))
                        .toList(),
                gateway.hash.toString());
    }

    /** The ports that a gateway gives an interface. */
    public Optional<NatRange> range(String gateway, String nic) {
        return Optional.ofNullable(gateways.get(gateway)).map(g -> g.ranges.get(nic));
    }

    /** Whether nothing is known of the Network. */
    public boolean isEmpty() {
        return members.isEmpty() && gateways.isEmpty();
    }

    private Gateway gateway(String name) {
        var gateway = gateways.get(name);
        if (gateway == null) {
            throw new IllegalStateException("there is no gateway " + name);
        }
        return gateway;
    }

    private Place place(String nic) {
        var place = members.get(nic);
        if (place == null) {
            throw new IllegalStateException("there is no interface " + nic);
        }
        return place;
    }

    private List<Gateway> byArrival(IpFamily family) {
        return Objects.requireNonNull(byArrival.get(family));
    }

    private NavigableMap<Long, String> unserved(IpFamily family) {
        return Objects.requireNonNull(unserved.get(family));
    }

    // Restoring: members and gateways first, then ranges and rests, then restored().

    public void restore(NatMember member, long order) {
        members.put(member.name(), new Place(member, order));
        nextOrder = Math.max(nextOrder, order + 1);
    }

    public void restore(NatGatewaySetup setup, long arrival) {
        var gateway = new Gateway(setup, arrival);
        setup.addresses().forEach(a -> gateway.addresses.put(a.ip(), new Address(a)));
        gateways.put(setup.name(), gateway);
        byArrival(setup.family()).add(gateway);
        byArrival(setup.family()).sort(Comparator.comparingLong(g -> g.arrival));
        nextArrival = Math.max(nextArrival, arrival + 1);
    }

    public void restore(String name, NatRange range) {
        var gateway = gateway(name);
        var address = gateway.addresses.get(range.publicIp());
        if (address == null) {
            throw new IllegalStateException(name + " does not have " + range.publicIp());
        }
        address.taken.set(range.slot());
        address.used++;
        gateway.ranges.put(range.nic(), range);
        flip(gateway, range);
    }

    public void restore(String name, NatRest rest) {
        keep(gateway(name), rest);
    }

    /** The end of restoring: whoever is not served waits, and everything is reported once more. */
    public void restored() {
        for (IpFamily family : IpFamily.values()) {
            for (Place place : members.values()) {
                var member = place.member();
                if (member.eligible(family) && servedBy(family, member.name()) == null) {
                    unserved(family).put(place.order(), member.name());
                }
            }
            byArrival(family).forEach(g -> g.addresses.values().forEach(a -> tellEmptied(g, a)));
        }
        markAll();
    }
}
