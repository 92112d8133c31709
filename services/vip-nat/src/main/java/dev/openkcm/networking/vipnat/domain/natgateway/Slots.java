package dev.openkcm.networking.vipnat.domain.natgateway;

/**
 * How the ports of an address are cut into slots of equal length. The well-known ports 0 to 1023
 * are never used; what is left over at the top neither.
 */
public record Slots(int ports) {

    public static final int FIRST_PORT = 1024;
    private static final int USABLE = 65536 - FIRST_PORT;

    public Slots {
        if (ports < 1 || perAddress(ports) < 1) {
            throw new IllegalArgumentException("not a number of ports: " + ports);
        }
    }

    static int perAddress(int ports) {
        return USABLE / ports;
    }

    public int perAddress() {
        return perAddress(ports);
    }

    /**
     * The slot that a port belongs to; those left over at the top belong to one beyond the last.
     */
    public int of(int port) {
        return (port - FIRST_PORT) / ports;
    }

    public int firstPort(int slot) {
        return FIRST_PORT + slot * ports;
    }

    /** Belongs to the slot. */
    public int lastPort(int slot) {
        return firstPort(slot) + ports - 1;
    }
}
