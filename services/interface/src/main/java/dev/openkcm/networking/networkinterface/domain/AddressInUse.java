package dev.openkcm.networking.networkinterface.domain;

/** An address or range that somebody else in the Network holds. */
public record AddressInUse(String address, String holder, String held) {}
