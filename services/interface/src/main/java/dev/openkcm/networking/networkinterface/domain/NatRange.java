package dev.openkcm.networking.networkinterface.domain;

/** Ports of a public address that a NATGateway gives an interface, both ends included. */
public record NatRange(String gateway, String ip, int port, int endPort) {}
