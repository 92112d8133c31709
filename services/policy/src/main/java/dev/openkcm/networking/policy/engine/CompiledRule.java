package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.policy.domain.Direction;

/**
 * What one peer of one rule of a policy allows.
 *
 * @param id a hash of what it says: direction, whom it applies to, peer, ports
 * @param ruleIndex its place among the rules of the direction
 * @param peerIndex the place of the peer in the rule; {@link #NO_PEER} when the rule names none
 */
public record CompiledRule(
        String id, Direction direction, Peer peer, PortSet ports, int ruleIndex, int peerIndex) {

    public static final int NO_PEER = -1;

    /** Who is at the other end. */
    public sealed interface Peer {

        /** Anybody at all. */
        record Everyone() implements Peer {}

        /** The members of a group. */
        record InGroup(String group) implements Peer {}

        /** Addresses, excepts taken away. */
        record Ranges(AddressSet addresses) implements Peer {}
    }

    /** The path in the manifest of what allows. */
    public String path() {
        String rule = "%s[%d]".formatted(direction.rulesField(), ruleIndex);
        return peerIndex == NO_PEER
                ? rule
                : "%s.%s[%d]".formatted(rule, direction.peersField(), peerIndex);
    }
}
