package dev.openkcm.networking.deploy;

/** The ports of the stack's foundations. */
record StackPorts(int broker, int controller, int registry) {
    static final StackPorts STANDARD = new StackPorts(9092, 9093, 8081);
}
