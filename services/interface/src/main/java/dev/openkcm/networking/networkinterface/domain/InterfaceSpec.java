package dev.openkcm.networking.networkinterface.domain;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a NetworkInterface, as the sender wrote it.
 *
 * @param network the name of the Network, in the own namespace
 * @param ipFamilies one per address, in the same order
 * @param virtualIp the VirtualIP that holds the public address
 * @param node which realises the interface, where known
 * @param attributes hints for the provider, opaque
 */
public record InterfaceSpec(
        String network,
        List<String> ipFamilies,
        List<String> ips,
        List<String> prefixes,
        @Nullable VirtualIpSource virtualIp,
        @Nullable Machine machine,
        @Nullable String node,
        SortedMap<String, String> attributes,
        @Nullable String providerId) {

    /** The Machine that the interface belongs to. */
    public record Machine(String name, @Nullable String uid) {}

    /** Where the public address comes from; a null reference is refused. */
    public record VirtualIpSource(@Nullable String reference) {}

    public InterfaceSpec {
        ipFamilies = List.copyOf(ipFamilies);
        ips = List.copyOf(ips);
        prefixes = List.copyOf(prefixes);
        attributes = Meta.sorted(attributes);
    }

    /** The same with the families that the addresses have, unless they were given. */
    InterfaceSpec withDefaults() {
        if (!ipFamilies.isEmpty()) {
            return this;
        }
        var inferred = new ArrayList<String>();
        for (String ip : ips) {
            Cidr.parseAddress(ip).map(a -> a.family().name()).ifPresent(inferred::add);
        }
        return new InterfaceSpec(
                network, inferred, ips, prefixes, virtualIp, machine, node, attributes, providerId);
    }

    /** The name of the VirtualIP that it names, if any. */
    public @Nullable String virtualIpName() {
        return virtualIp == null ? null : virtualIp.reference();
    }

    /** Everything that is claimed in the Network, addresses first, in canonical form. */
    public List<String> claims() {
        var claims = new ArrayList<String>();
        ips.stream()
                .map(Cidr::parseAddress)
                .flatMap(Optional::stream)
                .forEach(a -> claims.add(a.text()));
        prefixes.stream()
                .map(InterfaceSpec::range)
                .flatMap(Optional::stream)
                .forEach(p -> claims.add(p.text()));
        return claims;
    }

    /** A range in CIDR notation; a single address may be written without its length. */
    static Optional<Cidr> range(String text) {
        return text.indexOf('/') < 0 ? Cidr.parseAddress(text) : Cidr.parse(text);
    }
}
