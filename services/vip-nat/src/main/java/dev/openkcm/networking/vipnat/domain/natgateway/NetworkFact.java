package dev.openkcm.networking.vipnat.domain.natgateway;

/** What is known of the Network of a gateway. */
public enum NetworkFact {
    Missing,
    Pending,
    Available,
    Deleting
}
