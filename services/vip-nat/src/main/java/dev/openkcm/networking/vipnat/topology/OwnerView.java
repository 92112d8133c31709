package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Cidr;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps who had which address and port when, from the events of VirtualIPs, interfaces and ports.
 * Events are kept for ever, so this can be thrown away and made again.
 */
final class OwnerView extends ContextualProcessor<String, @Nullable SpecificRecord, Void, Void> {

    static final String STORE = "owners";

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        switch (record.value()) {
            case NatPortEvent event -> ports(rows, event);
            case VirtualIPEvent event -> virtualIp(rows, event);
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
                        OwnerRows.virtualIp(vip.ip),
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

    /**
     * What an interface claims, and what of it it holds since when.
     *
     * @param sequence of the last event; an event that is read again changes nothing
     */
    private record Nic(
            String network, List<String> claims, SortedMap<String, Long> held, long sequence) {

        static Nic fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return new Nic("", List.of(), new TreeMap<>(), 0);
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\t", -1);
            var held = new TreeMap<String, Long>();
            for (String item : list(parts[2])) {
                int at = item.indexOf('@');
                held.put(item.substring(0, at), Long.valueOf(item.substring(at + 1)));
            }
            return new Nic(parts[0], list(parts[1]), held, Long.parseLong(parts[3]));
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
    }

    private static void nic(KeyValueStore<String, byte[]> rows, NetworkInterfaceEvent event) {
        String row = "fold-nic " + event.getUid();
        var before = Nic.fromBytes(rows.get(row));
        if (event.getSequence() <= before.sequence) {
            return;
        }
        String network = before.network;
        List<String> claims = before.claims;
        List<String> holds;
        switch (event.getEvent()) {
            case NetworkInterfaceCreated e -> {
                network = event.getNamespace() + "/" + e.getSpec().getNetworkRef().getName();
                claims = claims(e.getSpec());
                holds = List.of();
            }
            case NetworkInterfaceUpdated e -> {
                claims = claims(e.getSpec());
                holds = before.held.keySet().stream().filter(claims::contains).toList();
            }
            case AddressesAnswered e -> {
                var refused = e.getConflicts().stream().map(AddressInUse::getAddress).toList();
                holds = claims.stream().filter(c -> !refused.contains(c)).toList();
            }
            case NetworkInterfaceDeleted _ -> holds = List.of();
            default -> {
                return;
            }
        }
        var held = new TreeMap<String, Long>();
        long time = event.getTime().toEpochMilli();
        for (String address : holds) {
            held.put(address, before.held.getOrDefault(address, time));
        }
        for (var was : before.held.entrySet()) {
            if (!held.containsKey(was.getKey())) {
                put(rows, event, network, was.getKey(), was.getValue(), event.getTime());
            }
        }
        for (var is : held.entrySet()) {
            put(rows, event, network, is.getKey(), is.getValue(), null);
        }
        if (event.getEvent() instanceof NetworkInterfaceDeleted) {
            rows.delete(row);
        } else {
            rows.put(row, new Nic(network, claims, held, event.getSequence()).toBytes());
        }
    }

    private static List<String> claims(NetworkInterfaceSpec spec) {
        var claims = new ArrayList<String>();
        spec.getIps().stream()
                .map(IPSource::getValue)
                .map(Cidr::parseAddress)
                .flatMap(Optional::stream)
                .forEach(a -> claims.add(a.text()));
        spec.getPrefixes().stream()
                .map(PrefixSource::getValue)
                .map(p -> p.indexOf('/') < 0 ? Cidr.parseAddress(p) : Cidr.parse(p))
                .flatMap(Optional::stream)
                .forEach(p -> claims.add(p.text()));
        return claims;
    }

    private static void put(
            KeyValueStore<String, byte[]> rows,
            NetworkInterfaceEvent event,
            String network,
            String range,
            long since,
            @Nullable Instant to) {
        OwnerRows.put(
                rows,
                new Holding(
                        OwnerRows.inNetwork(network, range),
                        Instant.ofEpochMilli(since),
                        event.getUid()),
                new Owner(
                        "NetworkInterface",
                        event.getNamespace(),
                        event.getName(),
                        event.getUid(),
                        "",
                        "",
                        network.substring(network.indexOf('/') + 1),
                        range,
                        -1,
                        -1),
                to);
    }
}
