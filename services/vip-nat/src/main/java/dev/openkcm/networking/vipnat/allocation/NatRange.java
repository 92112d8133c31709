package dev.openkcm.networking.vipnat.allocation;

import java.time.Instant;

/**
 * The ports that an interface has.
 *
 * @param ip the address of the interface in its Network
 * @param publicIp the public address
 * @param slot which slot of the address it is
 * @param endPort belongs to the range
 * @param since from when on it has them
 */
public record NatRange(
        String nic,
        String uid,
        String ip,
        String publicIp,
        int slot,
        int port,
        int endPort,
        Instant since) {

    /** What the set hash is made of. */
    String hashed() {
        return nic + "/" + uid + "/" + ip + "/" + publicIp + "/" + port + "-" + endPort;
    }
}
