package dev.openkcm.networking.network.domain;

import java.util.List;

/**
 * What uses a Network.
 *
 * @param first the first {@value #SHOWN} by kind and name
 */
public record Users(int total, List<Blocker> first) {

    public static final int SHOWN = 20;
    public static final Users NONE = new Users(0, List.of());

    public Users {
        first = List.copyOf(first);
    }
}
