package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.schemas.natgateway.v1.NatMember;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPNamed;
import dev.openkcm.networking.schemas.virtualip.v1.VirtualIPObservation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Turns the states of interfaces and load balancers around: the VirtualIPs that they name learn of
 * them, and the Networks of interfaces learn whom a gateway may serve.
 *
 * <p>States are read as they were written; what matters are the references to VirtualIPs, the
 * families, and the addresses that an interface holds.
 */
final class UserJoin
        extends ContextualProcessor<String, @Nullable GenericRecord, String, SpecificRecord> {

    static final String STORE = "virtual-ip-users";
    static final String TO_VIRTUAL_IPS = "to-virtual-ip-observations";
    static final String TO_MEMBERS = "to-members";

    /** What matters of a state. */
    private record User(
            String uid,
            List<String> families,
            List<String> virtualIps,
            String network,
            String ipv4,
            String ipv6,
            List<String> virtualIpFamilies) {

        byte[] toBytes() {
            return String.join(
                            "\t",
                            uid,
                            String.join(",", families),
                            String.join(",", virtualIps),
                            network,
                            ipv4,
                            ipv6,
                            String.join(",", virtualIpFamilies))
                    .getBytes(StandardCharsets.UTF_8);
        }

        static @Nullable User fromBytes(byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\t", -1);
            return new User(
                    parts[0],
                    list(parts[1]),
                    list(parts[2]),
                    parts[3],
                    parts[4],
                    parts[5],
                    list(parts[6]));
        }

        private static List<String> list(String joined) {
            return joined.isEmpty() ? List.of() : List.of(joined.split(",", -1));
        }

        boolean sameUser(@Nullable User other) {
            return other != null && uid.equals(other.uid) && families.equals(other.families);
        }

        boolean sameMember(@Nullable User other) {
            return other != null
                    && uid.equals(other.uid)
                    && network.equals(other.network)
                    && ipv4.equals(other.ipv4)
                    && ipv6.equals(other.ipv6)
                    && virtualIpFamilies.equals(other.virtualIpFamilies);
        }
    }

    @Override
    public void process(Record<String, @Nullable GenericRecord> record) {
        KeyValueStore<String, byte[]> rows = context().getStateStore(STORE);
        String entity = Kind.entityOf(context().recordMetadata().orElseThrow().topic());
        boolean nic = entity.equals("network-interface");
        String kind = nic ? "NetworkInterface" : "LoadBalancer";
        String row = kind + " " + record.key();
        var before = User.fromBytes(rows.get(row));
        var now = record.value() == null ? null : nic ? nic(record.value()) : lb(record.value());
        if (Objects.equals(before, now)) {
            return; // Most changes of a state concern nobody here.
        }
        if (now == null) {
            rows.delete(row);
        } else {
            rows.put(row, now.toBytes());
        }
        var key = ResourceKey.parse(record.key());
        tellVirtualIps(record, kind, key, before, now);
        if (nic) {
            tellNetwork(record, key, before, now);
        }
    }

    private static User nic(GenericRecord state) {
        var spec = record(state, "spec");
        var status = record(state, "status");
        var virtualIp = record(record(spec, "virtualIP"), "virtualIPRef");
        var held = addresses(status, "ips");
        return new User(
                text(record(state, "metadata"), "uid"),
                texts(spec, "ipFamilies"),
                virtualIp == null ? List.of() : List.of(text(virtualIp, "name")),
                text(record(spec, "networkRef"), "name"),
                first(held, IpFamily.IPv4),
                first(held, IpFamily.IPv6),
                addresses(status, "virtualIPs").stream()
                        .map(a -> a.family().name())
                        .distinct()
                        .sorted()
                        .toList());
    }

    private static User lb(GenericRecord state) {
        var spec = record(state, "spec");
        var names = new TreeSet<String>();
        if (text(spec, "type").equals("Public")
                && spec != null
                && field(spec, "virtualIPRefs") instanceof Collection<?> references) {
            for (Object reference : references) {
                if (reference instanceof GenericRecord named) {
                    names.add(text(named, "name"));
                }
            }
        }
        return new User(
                text(record(state, "metadata"), "uid"),
                texts(spec, "ipFamilies"),
                List.copyOf(names),
                "",
                "",
                "",
                List.of());
    }

    private static @Nullable Object field(GenericRecord record, String name) {
        return record.getSchema().getField(name) == null ? null : record.get(name);
    }

    private static @Nullable GenericRecord record(@Nullable GenericRecord parent, String name) {
        return parent != null && field(parent, name) instanceof GenericRecord child ? child : null;
    }

    private static String text(@Nullable GenericRecord parent, String name) {
        var value = parent == null ? null : field(parent, name);
        return value == null ? "" : value.toString();
    }

    private static List<String> texts(@Nullable GenericRecord parent, String name) {
        return parent != null && field(parent, name) instanceof Collection<?> items
                ? items.stream().map(String::valueOf).toList()
                : List.of();
    }

    private static List<Cidr> addresses(@Nullable GenericRecord parent, String name) {
        return texts(parent, name).stream()
                .map(Cidr::parseAddress)
                .flatMap(Optional::stream)
                .toList();
    }

    private static String first(List<Cidr> addresses, IpFamily family) {
        return addresses.stream()
                .filter(a -> a.family() == family)
                .map(Cidr::text)
                .findFirst()
                .orElse("");
    }

    private void tellVirtualIps(
            Record<String, @Nullable GenericRecord> cause,
            String kind,
            ResourceKey user,
            @Nullable User before,
            @Nullable User now) {
        if (before != null) {
            for (String virtualIp : before.virtualIps) {
                boolean still =
                        now != null
                                && now.uid.equals(before.uid)
                                && now.virtualIps.contains(virtualIp);
                if (!still) {
                    tell(cause, kind, user, before, virtualIp, false);
                }
            }
        }
        if (now != null) {
            for (String virtualIp : now.virtualIps) {
                boolean known =
                        now.sameUser(before)
                                && before != null
                                && before.virtualIps.contains(virtualIp);
                if (!known) {
                    tell(cause, kind, user, now, virtualIp, true);
                }
            }
        }
    }

    private void tell(
            Record<String, @Nullable GenericRecord> cause,
            String kind,
            ResourceKey user,
            User facts,
            String virtualIp,
            boolean named) {
        var observed = new VirtualIPNamed(kind, user.name(), facts.uid, facts.families, named);
        send(
                cause,
                user.sibling(virtualIp),
                new VirtualIPObservation(id(cause), observed),
                TO_VIRTUAL_IPS);
    }

    private void tellNetwork(
            Record<String, @Nullable GenericRecord> cause,
            ResourceKey nic,
            @Nullable User before,
            @Nullable User now) {
        if (before != null && (now == null || !now.network.equals(before.network))) {
            send(
                    cause,
                    nic.sibling(before.network),
                    new NatMember(
                            nic.namespace(),
                            nic.name(),
                            before.uid,
                            false,
                            null,
                            null,
                            new ArrayList<>()),
                    TO_MEMBERS);
        }
        if (now != null && !now.sameMember(before)) {
            send(
                    cause,
                    nic.sibling(now.network),
                    new NatMember(
                            nic.namespace(),
                            nic.name(),
                            now.uid,
                            true,
                            now.ipv4.isEmpty() ? null : now.ipv4,
                            now.ipv6.isEmpty() ? null : now.ipv6,
                            now.virtualIpFamilies),
                    TO_MEMBERS);
        }
    }

    private static String id(Record<String, ?> cause) {
        return CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
    }

    private void send(
            Record<String, @Nullable GenericRecord> cause,
            ResourceKey key,
            SpecificRecord value,
            String child) {
        context()
                .forward(
                        new Record<>(key.toString(), value, cause.timestamp(), cause.headers()),
                        child);
    }
}
