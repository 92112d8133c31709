package dev.openkcm.networking.loadbalancer.domain;

import dev.openkcm.networking.kernel.Cidr;
import dev.openkcm.networking.kernel.IpFamily;
import java.util.Optional;

/** A VirtualIP whose traffic comes to a balancer. */
public record FrontEnd(String virtualIp, String ip) {

    Optional<IpFamily> family() {
        return Cidr.parseAddress(ip).map(Cidr::family);
    }
}
