package dev.openkcm.networking.policy.engine;

/** The kinds of resources that policies select. */
public enum MemberKind {
    NetworkInterface,
    LoadBalancer,
    VirtualIP
}
