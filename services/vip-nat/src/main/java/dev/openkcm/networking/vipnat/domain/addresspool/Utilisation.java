package dev.openkcm.networking.vipnat.domain.addresspool;

import java.math.BigInteger;
import java.util.List;

/**
 * How an AddressPool is used, counted by the one who gives its addresses.
 *
 * @param total how many addresses the ranges that are in use have
 * @param allocated how many addresses are held, those of draining ranges included
 * @param quarantined how many addresses rest before they are given again
 * @param free how many addresses can be given now
 * @param draining ranges that were removed while addresses of them were held or rested
 * @param conflicts ranges that overlap those of another pool
 * @param waiting how many claims of the family wait
 */
public record Utilisation(
        BigInteger total,
        long allocated,
        long quarantined,
        BigInteger free,
        List<Draining> draining,
        List<Conflict> conflicts,
        long waiting) {

    public static final Utilisation UNKNOWN =
            new Utilisation(BigInteger.ZERO, 0, 0, BigInteger.ZERO, List.of(), List.of(), 0);

    public record Draining(String cidr, long allocated, long quarantined) {}

    public record Conflict(String cidr, String pool, String other) {}

    public Utilisation {
        draining = List.copyOf(draining);
        conflicts = List.copyOf(conflicts);
    }
}
