package dev.openkcm.networking.loadbalancer.domain;

/** What is known of the Network of a balancer; nothing before it answered the last claim. */
public enum NetworkFact {
    Unknown,
    Missing,
    Pending,
    Available,
    Deleting
}
