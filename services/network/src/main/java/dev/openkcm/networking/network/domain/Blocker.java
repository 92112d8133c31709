package dev.openkcm.networking.network.domain;

/** A resource of the same namespace that uses the Network. */
public record Blocker(String kind, String name, String uid) {}
