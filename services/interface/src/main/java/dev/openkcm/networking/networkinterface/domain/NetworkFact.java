package dev.openkcm.networking.networkinterface.domain;

/** What is known of the Network of an interface. */
public enum NetworkFact {
    Missing,
    Pending,
    Available,
    Deleting
}
