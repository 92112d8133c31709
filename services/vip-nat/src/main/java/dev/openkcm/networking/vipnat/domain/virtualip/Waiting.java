package dev.openkcm.networking.vipnat.domain.virtualip;

import java.util.List;

/**
 * Who names a VirtualIP but does not have it.
 *
 * @param first the first of them, in the order in which they will get it; then those who never will
 * @param total how many they are
 */
public record Waiting(List<Claimant> first, int total) {

    /** More than these are only counted. */
    public static final int SHOWN = 20;

    public static final Waiting NONE = new Waiting(List.of(), 0);

    /** One of them, and why it does not have the VirtualIP. */
    public record Claimant(Target who, String reason) {}

    public Waiting {
        first = List.copyOf(first);
    }
}
