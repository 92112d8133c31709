package dev.openkcm.networking.loadbalancer.domain;

import org.jspecify.annotations.Nullable;

/** A port, or a range of ports, that a balancer lets through. */
public record Port(String protocol, int port, @Nullable Integer endPort) {

    int last() {
        return endPort == null ? port : endPort;
    }

    boolean overlaps(Port other) {
        return protocol.equals(other.protocol) && port <= other.last() && other.port <= last();
    }
}
