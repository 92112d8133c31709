package dev.openkcm.networking.e2e.faults;

import java.util.Random;

/** Something bad that happens to the world, and is over when this returns. */
interface Fault {

    /** Does it once; says where. */
    String inflict(World world, Load load, Random random) throws Exception;
}
