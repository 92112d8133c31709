package dev.openkcm.networking.policy.engine;

import java.util.Arrays;
import java.util.Optional;

/** What has ports. */
public enum Protocol {
    TCP(0),
    UDP(1),
    SCTP(2);

    /** The place of its ports among those of all protocols. */
    private final int place;

    Protocol(int place) {
        this.place = place;
    }

    int place() {
        return place;
    }

    static Protocol at(int place) {
        return switch (place) {
            case 0 -> TCP;
            case 1 -> UDP;
            case 2 -> SCTP;
            default -> throw new IllegalArgumentException("no protocol " + place);
        };
    }

    public static Optional<Protocol> of(String name) {
        return Arrays.stream(values()).filter(p -> p.name().equals(name)).findFirst();
    }
}
