package dev.openkcm.networking.loadbalancer.domain;

/** An address in the Network that somebody else holds. */
public record HeldAddress(String address, String holder, String held) {}
