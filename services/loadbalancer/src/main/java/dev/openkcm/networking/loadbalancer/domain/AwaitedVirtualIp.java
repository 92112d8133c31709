package dev.openkcm.networking.loadbalancer.domain;

/** A VirtualIP that a balancer names and does not have, and why. */
public record AwaitedVirtualIp(String virtualIp, String reason, String message) {

    /** Of a VirtualIP whose family the balancer lacks: waiting does not help. */
    public static final String FAMILY_MISMATCH = "IPFamilyMismatch";
}
