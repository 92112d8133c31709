package dev.openkcm.networking.cli.verify;

import dev.openkcm.networking.schemas.common.v1.CommandResult;
import dev.openkcm.networking.schemas.common.v1.LocalReference;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.common.v1.Outcome;
import dev.openkcm.networking.schemas.network.v1.IncomingPeering;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.network.v1.NetworkCreated;
import dev.openkcm.networking.schemas.network.v1.NetworkEvent;
import dev.openkcm.networking.schemas.network.v1.NetworkIdAssigned;
import dev.openkcm.networking.schemas.network.v1.NetworkReference;
import dev.openkcm.networking.schemas.network.v1.NetworkSpec;
import dev.openkcm.networking.schemas.network.v1.NetworkState;
import dev.openkcm.networking.schemas.network.v1.NetworkStatus;
import dev.openkcm.networking.schemas.network.v1.Peering;
import dev.openkcm.networking.schemas.network.v1.PeeringChanged;
import dev.openkcm.networking.schemas.network.v1.PeeringPhase;
import dev.openkcm.networking.schemas.network.v1.PeeringState;
import dev.openkcm.networking.schemas.network.v1.PeeringStatus;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressInUse;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressesAnswered;
import dev.openkcm.networking.schemas.networkinterface.v1.IPSource;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkFact;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterface;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceCreated;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceEvent;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceSpec;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceState;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceStatus;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicy;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyCreated;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyEvent;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicySpec;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyState;
import dev.openkcm.networking.schemas.networkpolicy.v1.NetworkPolicyStatus;
import dev.openkcm.networking.schemas.networkpolicy.v1.PolicyCompiled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** A log as the services write it, for tests that then spoil it. */
final class WrittenLog {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final List<LogRecord> records = new ArrayList<>();
    private final Map<String, Long> offsets = new HashMap<>();

    List<LogRecord> records() {
        return records;
    }

    LogRecord add(String topic, String key, SpecificRecord value, Map<String, String> headers) {
        long offset = offsets.merge(topic, 1L, Long::sum) - 1;
        var record =
                new LogRecord(
                        topic,
                        0,
                        offset,
                        NOW,
                        key,
                        value == null ? null : generic(value),
                        null,
                        value == null ? -1 : 100,
                        headers);
        records.add(record);
        return record;
    }

    /** A record without a value, or with one that can't be read. */
    LogRecord forge(String topic, String key, String unreadable) {
        long offset = offsets.merge(topic, 1L, Long::sum) - 1;
        var record = new LogRecord(topic, 0, offset, NOW, key, null, unreadable, -1, Map.of());
        records.add(record);
        return record;
    }

    static GenericRecord generic(SpecificRecord value) {
        try {
            var bytes = new ByteArrayOutputStream();
            var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
            new SpecificDatumWriter<SpecificRecord>(value.getSchema()).write(value, encoder);
            encoder.flush();
            return new GenericDatumReader<GenericRecord>(value.getSchema())
                    .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void command(String entity, String key, String id) {
        add("openkcm." + entity + ".commands.v1", key, null, Map.of("ce_id", id));
    }

    void result(
            String entity,
            String kind,
            String key,
            String id,
            Outcome outcome,
            String uid,
            Long v) {
        add(
                "openkcm." + entity + ".results.v1",
                key,
                new CommandResult(
                        id,
                        outcome,
                        kind,
                        namespace(key),
                        name(key),
                        uid,
                        v,
                        v != null,
                        false,
                        outcome == Outcome.Rejected ? "NotFound" : null,
                        null,
                        List.of(),
                        NOW),
                Map.of());
    }

    void networkEvent(String key, String uid, long sequence, String cause, SpecificRecord event) {
        add(
                "openkcm.network.events.v1",
                key,
                new NetworkEvent(namespace(key), name(key), uid, sequence, NOW, cause, null, event),
                Map.of());
    }

    void interfaceEvent(String key, String uid, long sequence, String cause, SpecificRecord event) {
        add(
                "openkcm.network-interface.events.v1",
                key,
                new NetworkInterfaceEvent(
                        namespace(key), name(key), uid, sequence, NOW, cause, null, event),
                Map.of());
    }

    /** A Network that is created by one command, and bound to another. */
    void network(String key, String uid, int id, String peer, String peerUid) {
        var peering = new Peering("p", new NetworkReference(null, name(peer)), List.of());
        command("network", key, "create-" + uid);
        networkEvent(
                key,
                uid,
                1,
                "create-" + uid,
                new NetworkCreated(Map.of(), Map.of(), List.of(peering)));
        networkEvent(key, uid, 2, "create-" + uid, new NetworkIdAssigned(id, provider(uid, id)));
        result("network", "Network", key, "create-" + uid, Outcome.Accepted, uid, 2L);
        networkEvent(
                key,
                uid,
                3,
                peerUid + "/2/state",
                new PeeringChanged(bound(), new IncomingPeering("ns", name(peer), peerUid)));
        networkState(key, uid, id, 3, bound(), peer, peerUid);
    }

    static PeeringStatus bound() {
        return new PeeringStatus(
                "p", PeeringPhase.Bound, PeeringState.Ready, null, null, List.of(), null);
    }

    static String provider(String uid, int id) {
        return "OpenKCM-net://system/%s/%d/%s".formatted(uid, id, "its-own");
    }

    void networkState(
            String key,
            String uid,
            int id,
            long version,
            PeeringStatus peering,
            String peer,
            String peerUid) {
        var wish = new Peering("p", new NetworkReference(null, name(peer)), List.of());
        add(
                "openkcm.network.state.v1",
                key,
                new Network(
                        meta(key, uid, version),
                        new NetworkSpec(
                                List.of(wish),
                                peering.getPhase() == PeeringPhase.Bound
                                        ? List.of(new IncomingPeering("ns", name(peer), peerUid))
                                        : List.of(),
                                provider(uid, id)),
                        new NetworkStatus(
                                NetworkState.Available, List.of(peering), List.of(), List.of())),
                Map.of());
    }

    /** An interface of a Network; held elsewhere when there is a holder. */
    void nic(String key, String uid, String network, String address, String holder) {
        var conflicts =
                holder == null
                        ? List.<AddressInUse>of()
                        : List.of(new AddressInUse(address, holder, address));
        command("network-interface", key, "create-" + uid);
        interfaceEvent(
                key,
                uid,
                1,
                "create-" + uid,
                new NetworkInterfaceCreated(Map.of(), Map.of(), nicSpec(network, address)));
        result(
                "network-interface",
                "NetworkInterface",
                key,
                "create-" + uid,
                Outcome.Accepted,
                uid,
                1L);
        var answer = new AddressesAnswered(NetworkFact.Available, 1L, null, conflicts);
        interfaceEvent(key, uid, 2, uid + "/1/" + network, answer);
        nicState(
                key,
                uid,
                network,
                address,
                holder == null ? NetworkInterfaceState.Available : NetworkInterfaceState.Error,
                holder == null ? List.of(address) : List.of());
    }

    void nicState(
            String key,
            String uid,
            String network,
            String address,
            NetworkInterfaceState state,
            List<String> ips) {
        add(
                "openkcm.network-interface.state.v1",
                key,
                new NetworkInterface(
                        meta(key, uid, 2),
                        nicSpec(network, address),
                        NetworkInterfaceStatus.newBuilder()
                                .setState(state)
                                .setLastStateTransitionTime(NOW)
                                .setIps(ips)
                                .build()),
                Map.of());
    }

    /** A policy that is created by one command, and compiled. */
    void policy(String key, String uid, NetworkPolicySpec spec, int interfaces, int rules) {
        command("network-policy", key, "create-" + uid);
        policyEvent(
                key, uid, 1, "create-" + uid, new NetworkPolicyCreated(Map.of(), Map.of(), spec));
        result("network-policy", "NetworkPolicy", key, "create-" + uid, Outcome.Accepted, uid, 1L);
        policyEvent(
                key,
                uid,
                2,
                uid + "/1/" + spec.getNetworkRef().getName(),
                PolicyCompiled.newBuilder()
                        .setNetwork(
                                dev.openkcm.networking.schemas.networkpolicy.v1.NetworkFact
                                        .Available)
                        .setGeneration(1)
                        .setInterfaces(interfaces)
                        .setRules(rules)
                        .build());
        add(
                "openkcm.network-policy.state.v1",
                key,
                new NetworkPolicy(
                        meta(key, uid, 2),
                        spec,
                        new NetworkPolicyStatus(
                                NetworkPolicyState.Available, interfaces, rules, List.of())),
                Map.of());
    }

    private void policyEvent(
            String key, String uid, long sequence, String cause, SpecificRecord event) {
        add(
                "openkcm.network-policy.events.v1",
                key,
                new NetworkPolicyEvent(
                        namespace(key), name(key), uid, sequence, NOW, cause, null, event),
                Map.of());
    }

    private static NetworkInterfaceSpec nicSpec(String network, String address) {
        return new NetworkInterfaceSpec(
                new LocalReference(network),
                List.of("IPv4"),
                List.of(new IPSource(address)),
                List.of(),
                null,
                null,
                null,
                Map.of(),
                null);
    }

    private static ObjectMeta meta(String key, String uid, long version) {
        return new ObjectMeta(
                namespace(key), name(key), uid, 1L, version, NOW, null, Map.of(), Map.of());
    }

    private static String namespace(String key) {
        return key.substring(0, key.indexOf('/'));
    }

    private static String name(String key) {
        return key.substring(key.indexOf('/') + 1);
    }
}
