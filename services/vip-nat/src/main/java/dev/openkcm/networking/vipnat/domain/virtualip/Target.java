package dev.openkcm.networking.vipnat.domain.virtualip;

/** A NetworkInterface or LoadBalancer that names the VirtualIP. */
public record Target(String kind, String name, String uid) {

    @Override
    public String toString() {
        return kind + " " + name;
    }
}
