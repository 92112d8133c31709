package dev.openkcm.networking.policy.domain;

/** What is known of the Network of a policy. */
public enum NetworkFact {
    Missing,
    Pending,
    Available,
    Deleting
}
