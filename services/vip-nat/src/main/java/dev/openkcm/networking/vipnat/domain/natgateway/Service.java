package dev.openkcm.networking.vipnat.domain.natgateway;

import java.util.List;

/**
 * Whom a gateway serves.
 *
 * @param requested how many interfaces there are to serve, served or not
 * @param resting how many slots are in quarantine
 * @param unserved the names of interfaces that are not served, the first of them, oldest first
 * @param addresses use per address, those that nobody uses left out
 * @param portsHash the set hash over all rows of the gateway
 */
public record Service(
        NetworkFact network,
        int used,
        int requested,
        int resting,
        List<String> unserved,
        List<Use> addresses,
        String portsHash) {

    /** More than these are only counted. */
    public static final int SHOWN = 100;

    public static final String EMPTY_HASH = "0".repeat(32);

    public static final Service NONE =
            new Service(NetworkFact.Missing, 0, 0, 0, List.of(), List.of(), EMPTY_HASH);

    /** How many interfaces have ports of an address. */
    public record Use(String name, int used) {}

    public Service {
        unserved = List.copyOf(unserved);
        addresses = addresses.stream().filter(a -> a.used() > 0).toList();
    }

    int usedOf(String name) {
        return addresses.stream()
                .filter(a -> a.name().equals(name))
                .mapToInt(Use::used)
                .findFirst()
                .orElse(0);
    }
}
