package dev.openkcm.networking.policy.engine;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One end of a connection, as the policies of a Network see it.
 *
 * @param groups of the Network in which the owner of the address is; none for strangers
 */
public record Endpoint(Address address, Set<String> groups) {

    /** An address that belongs to nobody in the Network. */
    public static Endpoint stranger(Address address) {
        return new Endpoint(address, Set.of());
    }

    /** An address of these members. */
    public static Endpoint of(PolicyEngine engine, Address address, Collection<String> members) {
        var groups = new HashSet<String>();
        for (String member : members) {
            engine.groupsOf(member).forEach(g -> groups.add(g.id()));
        }
        return new Endpoint(address, groups);
    }

    public static Endpoint of(PolicyEngine engine, Address address, String member) {
        return of(engine, address, List.of(member));
    }
}
