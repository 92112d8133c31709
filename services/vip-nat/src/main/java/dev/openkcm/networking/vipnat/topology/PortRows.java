package dev.openkcm.networking.vipnat.topology;

import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.vipnat.allocation.NatGatewaySetup;
import dev.openkcm.networking.vipnat.allocation.NatMember;
import dev.openkcm.networking.vipnat.allocation.NatRange;
import dev.openkcm.networking.vipnat.allocation.NatRest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the rows of port tables look: fields in text, apart by tabs. */
final class PortRows {

    private PortRows() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String orNone(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static @Nullable String orNull(String value) {
        return value.isEmpty() ? null : value;
    }

    /** The place among all of its kind: the first field of a member or gateway. */
    static long number(String value) {
        return Long.parseLong(value.substring(0, value.indexOf('\t')));
    }

    static byte[] toBytes(NatMember member, long order) {
        return bytes(
                String.join(
                        "\t",
                        Long.toString(order),
                        member.uid(),
                        orNone(member.ipv4()),
                        orNone(member.ipv6()),
                        String.join(
                                ",",
                                member.virtualIps().stream().sorted().map(Enum::name).toList())));
    }

    static NatMember member(String name, String value) {
        String[] parts = value.split("\t", -1);
        var virtualIps = EnumSet.noneOf(IpFamily.class);
        for (String family : parts[4].split(",", -1)) {
            IpFamily.of(family).ifPresent(virtualIps::add);
        }
        return new NatMember(name, parts[1], orNull(parts[2]), orNull(parts[3]), virtualIps);
    }

    static byte[] toBytes(NatGatewaySetup gateway, long arrival) {
        var fields = new ArrayList<String>();
        fields.add(Long.toString(arrival));
        fields.add(gateway.uid());
        fields.add(Long.toString(gateway.version()));
        fields.add(gateway.family().name());
        fields.add(Integer.toString(gateway.ports()));
        fields.add(Boolean.toString(gateway.full()));
        for (var address : gateway.addresses()) {
            String since = orNone(address.releasingSince());
            fields.add(address.name() + ' ' + address.ip() + ' ' + since);
        }
        return bytes(String.join("\t", fields));
    }

    static NatGatewaySetup gateway(String name, String value) {
        var parts = List.of(value.split("\t", -1));
        return new NatGatewaySetup(
                name,
                parts.get(1),
                Long.parseLong(parts.get(2)),
                IpFamily.valueOf(parts.get(3)),
                Integer.parseInt(parts.get(4)),
                Boolean.parseBoolean(parts.get(5)),
                parts.subList(6, parts.size()).stream().map(PortRows::address).toList());
    }

    private static NatGatewaySetup.Address address(String text) {
        String[] parts = text.split(" ", -1);
        return new NatGatewaySetup.Address(
                parts[0], parts[1], parts[2].isEmpty() ? null : Long.valueOf(parts[2]));
    }

    static byte[] toBytes(NatRange range) {
        return bytes(
                String.join(
                        "\t",
                        range.uid(),
                        range.ip(),
                        range.publicIp(),
                        Integer.toString(range.slot()),
                        Integer.toString(range.port()),
                        Integer.toString(range.endPort()),
                        Long.toString(range.since().toEpochMilli())));
    }

    static byte[] toBytes(NatRest rest) {
        return bytes(
                String.join(
                        "\t",
                        Integer.toString(rest.endPort()),
                        Long.toString(rest.until().toEpochMilli()),
                        orNone(rest.keeper())));
    }

    static NatRest rest(String publicIp, String port, String value) {
        String[] parts = value.split("\t", -1);
        return new NatRest(
                publicIp,
                Integer.parseInt(port),
                Integer.parseInt(parts[0]),
                Instant.ofEpochMilli(Long.parseLong(parts[1])),
                orNull(parts[2]));
    }

    static NatRange range(String nic, String value) {
        String[] parts = value.split("\t", -1);
        return new NatRange(
                nic,
                parts[0],
                parts[1],
                parts[2],
                Integer.parseInt(parts[3]),
                Integer.parseInt(parts[4]),
                Integer.parseInt(parts[5]),
                Instant.ofEpochMilli(Long.parseLong(parts[6])));
    }
}
