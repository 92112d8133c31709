package dev.openkcm.networking.deploy;

/** The ports of the stack's foundations. */
public record StackPorts(int broker, int controller, int registry) {
    private static final String OFFSET = "KCM_PORT_OFFSET";

    /**
     * The ports everybody expects; the environment may move all of them by the same distance, for a
     * second stack on one machine.
     */
    public static final StackPorts STANDARD = new StackPorts(moved(9092), moved(9093), moved(8081));

    static int moved(int port) {
        String offset = System.getenv(OFFSET);
        if (offset == null || offset.isBlank()) {
            return port;
        }
        try {
            return port + Integer.parseInt(offset.strip());
        } catch (NumberFormatException e) {
            throw new StackException(
                    OFFSET + " is not a number: " + offset,
                    "Unset it, or set it to one such as 1000.",
                    e);
        }
    }

    public String registryUrl() {
        return SchemaRegistry.url(registry);
    }
}
