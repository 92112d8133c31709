package dev.openkcm.networking.vipnat.allocation;

import dev.openkcm.networking.kernel.Cidr;
import java.math.BigInteger;
import java.time.Instant;

/** Is told everything that the allocator of a family decides, to keep it and to pass it on. */
public interface AddressJournal {

    /** The claim stands so from now on. */
    void claim(AddressEntry entry);

    /** The claim has ended. */
    void ended(AddressEntry entry);

    /** The address is not given before that time. */
    void rests(BigInteger address, String pool, Instant until);

    /** The address can be given again. */
    void rested(BigInteger address);

    /** The search in the range goes on from there. */
    void cursor(Cidr range, BigInteger next);

    void pool(AddressPoolRow pool);

    void poolGone(String name);
}
