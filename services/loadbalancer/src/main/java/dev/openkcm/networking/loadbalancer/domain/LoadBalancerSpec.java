package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a LoadBalancer, as the sender wrote it.
 *
 * @param ips of an Internal balancer, one per family, in the same order
 * @param network the name of the Network, in the own namespace
 * @param selector without it, nothing is distributed
 * @param virtualIps the VirtualIPs that are the front end of a Public balancer
 */
public record LoadBalancerSpec(
        String type,
        List<String> ipFamilies,
        List<String> ips,
        String network,
        @Nullable InterfaceSelector selector,
        List<String> virtualIps,
        List<Port> ports) {

    static final String PUBLIC = "Public";
    static final String INTERNAL = "Internal";

    public LoadBalancerSpec {
        ipFamilies = List.copyOf(ipFamilies);
        ips = List.copyOf(ips);
        virtualIps = List.copyOf(virtualIps);
        ports = List.copyOf(ports);
    }

    boolean isPublic() {
        return type.equals(PUBLIC);
    }

    /** The same with the families that the addresses have, unless they were given. */
    LoadBalancerSpec withDefaults() {
        if (!ipFamilies.isEmpty()) {
            return this;
        }
        var inferred = new ArrayList<String>();
        for (String ip : ips) {
            Cidr.parseAddress(ip).map(a -> a.family().name()).ifPresent(inferred::add);
        }
        return new LoadBalancerSpec(type, inferred, ips, network, selector, virtualIps, ports);
    }

    public List<IpFamily> families() {
        return ipFamilies.stream().map(IpFamily::of).flatMap(Optional::stream).toList();
    }

    /** What is claimed in the Network, in canonical form. */
    public List<String> claims() {
        return ips.stream()
                .map(Cidr::parseAddress)
                .flatMap(Optional::stream)
                .map(Cidr::text)
                .toList();
    }
}
