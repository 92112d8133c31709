package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.loadbalancer.v1.HeldAddress;
import dev.openkcm.networking.schemas.loadbalancer.v1.InternalIP;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerCreated;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDeleted;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerEvent;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerSpec;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerUpdated;
import dev.openkcm.networking.schemas.loadbalancer.v1.NetworkAnswered;
import dev.openkcm.networking.schemas.loadbalancer.v1.PublicAddressChanged;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressAssigned;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayAddressReleased;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayCreated;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayDeleted;
import dev.openkcm.networking.schemas.natgateway.v1.NATGatewayEvent;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressesAnswered;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCreated;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceDeleted;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceUpdated;
import dev.openkcm.networking.schemas.networkinterface.v1.PrefixSource;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPAddressAssigned;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPDeleted;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPEvent;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPTargetAssigned;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPTargetReleased;
import dev.openkcm.networking.vipnat.topology.OwnerRows.Holding;
import dev.openkcm.networking.vipnat.topology.OwnerRows.Owner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps who had which address and port when, from the events of VirtualIPs, gateways, load
 * balancers, interfaces and ports. Events are kept for ever, so this can be thrown away and made
 * again.
 */
final class OwnerView extends ContextualProcessor<String, @Nullable SpecificRecord, Void, Void> {

    static final String STORE = "owners";

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        switch (record.value()) {
            case NatPortEvent event -> ports(rows, event);
            case VirtualIPEvent event -> virtualIp(rows, event);
            case NATGatewayEvent event -> gateway(rows, event);
            case LoadBalancerEvent event -> balancer(rows, event);
            case NetworkInterfaceEvent event -> nic(rows, event);
            case null -> {} // Events have no tombstones.
            default -> throw new IllegalStateException("unknown: " + record.value());
        }
    }

    private static void ports(KeyValueStore<String, byte[]> rows, NatPortEvent event) {
        var owner =
                new Owner(
                        "NetworkInterface",
                        event.getNamespace(),
                        event.getName(),
                        event.getUid(),
                        "",
                        event.getGateway(),
                        event.getNetwork(),
                        event.getIp(),
                        event.getPort(),
                        event.getEndPort());
        OwnerRows.put(
                rows,
                new Holding(
                        OwnerRows.ports(event.getPublicIP(), event.getPort()),
                        event.getSince(),
                        event.getUid()),
                owner,
                event.getAssigned() ? null : event.getTime());
    }

    /**
     * What is known of a VirtualIP: its address, who uses it, and since when it is so.
     *
     * @param sequence of the last event; an event that is read again changes nothing
     */
    private record Vip(String ip, String target, long since, long sequence) {

        static Vip fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return new Vip("", "", 0, 0);
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\t", -1);
            return new Vip(parts[0], parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3]));
        }

        byte[] toBytes() {
            return String.join("\t", ip, target, Long.toString(since), Long.toString(sequence))
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    private static void virtualIp(KeyValueStore<String, byte[]> rows, VirtualIPEvent event) {
        String row = "fold-vip " + event.getUid();
        var before = Vip.fromBytes(rows.get(row));
        if (event.getSequence() <= before.sequence) {
            return;
        }
        var now = after(before, event);
        if (!before.ip.isEmpty()) {
            put(rows, event, before, event.getTime());
        }
        if (!now.ip.isEmpty()) {
            put(rows, event, now, null);
        }
        if (event.getEvent() instanceof VirtualIPDeleted) {
            rows.delete(row);
        } else {
            rows.put(row, now.toBytes());
        }
    }

    private static Vip after(Vip before, VirtualIPEvent event) {
        long time = event.getTime().toEpochMilli();
        long sequence = event.getSequence();
        return switch (event.getEvent()) {
            case VirtualIPAddressAssigned e -> new Vip(e.getIp(), before.target, time, sequence);
            case VirtualIPTargetAssigned e ->
                    new Vip(
                            before.ip,
                            e.getTarget().getKind() + "/" + e.getTarget().getName(),
                            time,
                            sequence);
            case VirtualIPTargetReleased _ -> new Vip(before.ip, "", time, sequence);
            case VirtualIPDeleted _ -> new Vip("", "", time, sequence);
            default -> new Vip(before.ip, before.target, before.since, sequence);
        };
    }

    private static void put(
            KeyValueStore<String, byte[]> rows,
            VirtualIPEvent event,
            Vip vip,
            @Nullable Instant to) {
        OwnerRows.put(
                rows,
                new Holding(
                        OwnerRows.publicAddress(vip.ip),
                        Instant.ofEpochMilli(vip.since),
                        event.getUid()),
                new Owner(
                        "VirtualIP",
                        event.getNamespace(),
                        event.getName(),
                        event.getUid(),
                        vip.target,
                        "",
                        "",
                        vip.ip,
                        -1,
                        -1),
                to);
    }

    /** Of whom an event tells. */
    private record Subject(
            String kind, String namespace, String name, String uid, long sequence, Instant time) {

        String network(LocalReference reference) {
            return namespace + "/" + reference.getName();
        }
    }

    /**
     * What somebody claims in a Network, and what they hold there and of public addresses, since
     * when.
     *
     * @param network {@code <namespace>/<name>}
     * @param held by what the rows of the owners call it
     * @param sequence of the last event; an event that is read again changes nothing
     */
    private record Holder(
            String network, List<String> claims, SortedMap<String, Long> held, long sequence) {

        static Holder fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return new Holder("", List.of(), new TreeMap<>(), 0);
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\t", -1);
            var held = new TreeMap<String, Long>();
            for (String item : list(parts[2])) {
                int at = item.indexOf('@');
                held.put(item.substring(0, at), Long.valueOf(item.substring(at + 1)));
            }
            return new Holder(parts[0], list(parts[1]), held, Long.parseLong(parts[3]));
        }

        private static List<String> list(String joined) {
            return joined.isEmpty() ? List.of() : List.of(joined.split(",", -1));
        }

        byte[] toBytes() {
            var items = held.entrySet().stream().map(e -> e.getKey() + "@" + e.getValue()).toList();
            return String.join(
                            "\t",
                            network,
                            String.join(",", claims),
                            String.join(",", items),
                            Long.toString(sequence))
                    .getBytes(StandardCharsets.UTF_8);
        }

        Wish claiming(String network, List<String> claims) {
            var what = claims.stream().map(c -> OwnerRows.inNetwork(network, c)).toList();
            return new Wish(network, claims, kept(h -> what.contains(h) || isPublic(h)));
        }

        Wish answered(Collection<String> refused) {
            var holds = kept(Holder::isPublic);
            claims.stream()
                    .filter(c -> !refused.contains(c))
                    .forEach(c -> holds.add(OwnerRows.inNetwork(network, c)));
            return new Wish(network, claims, holds);
        }

        Wish with(String publicIp) {
            var holds = kept(_ -> true);
            holds.add(OwnerRows.publicAddress(publicIp));
            return new Wish(network, claims, holds);
        }

        Wish without(Predicate<String> what) {
            return new Wish(network, claims, kept(what.negate()));
        }

        private Set<String> kept(Predicate<String> what) {
            return held.keySet().stream()
                    .filter(what)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private static boolean isPublic(String what) {
            return what.equals(OwnerRows.publicAddress(OwnerRows.range(what)));
        }
    }

    /** How it is after an event; since when follows. */
    private record Wish(String network, List<String> claims, Set<String> holds) {
        static final Wish GONE = new Wish("", List.of(), Set.of());
    }

    private static void gateway(KeyValueStore<String, byte[]> rows, NATGatewayEvent event) {
        var subject =
                new Subject(
                        "NATGateway",
                        event.getNamespace(),
                        event.getName(),
                        event.getUid(),
                        event.getSequence(),
                        event.getTime());
        switch (event.getEvent()) {
            case NATGatewayCreated e ->
                    change(
                            rows,
                            subject,
                            h ->
                                    h.claiming(
                                            subject.network(e.getSpec().getNetworkRef()),
                                            List.of()));
            case NATGatewayAddressAssigned e -> change(rows, subject, h -> h.with(e.getIp()));
            case NATGatewayAddressReleased e -> {
                String ip = e.getIp();
                if (ip != null) {
                    change(rows, subject, h -> h.without(OwnerRows.publicAddress(ip)::equals));
                }
            }
            case NATGatewayDeleted _ -> change(rows, subject, _ -> Wish.GONE);
            default -> {} // Everything else moves no address.
        }
    }

    private static void balancer(KeyValueStore<String, byte[]> rows, LoadBalancerEvent event) {
        var subject =
                new Subject(
                        "LoadBalancer",
                        event.getNamespace(),
                        event.getName(),
                        event.getUid(),
                        event.getSequence(),
                        event.getTime());
        switch (event.getEvent()) {
            case LoadBalancerCreated e ->
                    change(rows, subject, h -> claiming(h, subject, e.getSpec()));
            case LoadBalancerUpdated e ->
                    change(rows, subject, h -> claiming(h, subject, e.getSpec()));
            case NetworkAnswered e -> {
                var refused = e.getConflicts().stream().map(HeldAddress::getAddress).toList();
                change(rows, subject, h -> h.answered(refused));
            }
            case PublicAddressChanged e -> {
                String ip = e.getAddress();
                change(
                        rows,
                        subject,
                        h -> ip == null ? h.without(what -> slot(what, e.getSlot())) : h.with(ip));
            }
            case LoadBalancerDeleted _ -> change(rows, subject, _ -> Wish.GONE);
            default -> {} // A VirtualIP tells itself who uses it.
        }
    }

    /** The slots of a balancer are called like the families of its addresses. */
    private static boolean slot(String what, String slot) {
        return Holder.isPublic(what)
                && Cidr.parseAddress(OwnerRows.range(what))
                        .map(a -> a.family().name().equalsIgnoreCase(slot))
                        .orElse(false);
    }

    private static Wish claiming(Holder holder, Subject subject, LoadBalancerSpec spec) {
        return holder.claiming(
                subject.network(spec.getNetworkRef()),
                texts(spec.getIps().stream().map(InternalIP::getValue)));
    }

    private static void nic(KeyValueStore<String, byte[]> rows, NetworkInterfaceEvent event) {
        var subject =
                new Subject(
                        "NetworkInterface",
                        event.getNamespace(),
                        event.getName(),
                        event.getUid(),
                        event.getSequence(),
                        event.getTime());
        switch (event.getEvent()) {
            case NetworkInterfaceCreated e ->
                    change(rows, subject, h -> claiming(h, subject, e.getSpec()));
            case NetworkInterfaceUpdated e ->
                    change(rows, subject, h -> claiming(h, subject, e.getSpec()));
            case AddressesAnswered e -> {
                var refused = e.getConflicts().stream().map(AddressInUse::getAddress).toList();
                change(rows, subject, h -> h.answered(refused));
            }
            case NetworkInterfaceDeleted _ -> change(rows, subject, _ -> Wish.GONE);
            default -> {} // VirtualIPs and ports tell themselves who uses them.
        }
    }

    private static Wish claiming(Holder holder, Subject subject, NetworkInterfaceSpec spec) {
        return holder.claiming(
                subject.network(spec.getNetworkRef()),
                texts(
                        Stream.concat(
                                spec.getIps().stream().map(IPSource::getValue),
                                spec.getPrefixes().stream().map(PrefixSource::getValue))));
    }

    /** Addresses and ranges in their canonical form. */
    private static List<String> texts(Stream<String> written) {
        return written.map(w -> w.indexOf('/') < 0 ? Cidr.parseAddress(w) : Cidr.parse(w))
                .flatMap(Optional::stream)
                .map(Cidr::text)
                .toList();
    }

    private static void change(
            KeyValueStore<String, byte[]> rows, Subject subject, Function<Holder, Wish> change) {
        String row = "holder " + subject.uid;
        var before = Holder.fromBytes(rows.get(row));
        if (subject.sequence <= before.sequence) {
            return;
        }
        var now = change.apply(before);
        var held = new TreeMap<String, Long>();
        for (String what : now.holds) {
            held.put(what, before.held.getOrDefault(what, subject.time.toEpochMilli()));
        }
        for (var was : before.held.entrySet()) {
            if (!held.containsKey(was.getKey())) {
                put(rows, subject, before.network, was.getKey(), was.getValue(), subject.time);
            }
        }
        for (var is : held.entrySet()) {
            if (!before.held.containsKey(is.getKey())) {
                put(rows, subject, now.network, is.getKey(), is.getValue(), null);
            }
        }
        if (now.equals(Wish.GONE)) {
            rows.delete(row);
        } else {
            rows.put(row, new Holder(now.network, now.claims, held, subject.sequence).toBytes());
        }
    }

    private static void put(
            KeyValueStore<String, byte[]> rows,
            Subject subject,
            String network,
            String what,
            long since,
            @Nullable Instant to) {
        OwnerRows.put(
                rows,
                new Holding(what, Instant.ofEpochMilli(since), subject.uid),
                new Owner(
                        subject.kind,
                        subject.namespace,
                        subject.name,
                        subject.uid,
                        "",
                        "",
                        network.substring(network.indexOf('/') + 1),
                        OwnerRows.range(what),
                        -1,
                        -1),
                to);
    }
}
