package dev.openkcm.networking.bench.load;

/**
 * One command in the abstract: what is to happen to which of the resources.
 *
 * @param revision differs with every order, so that an update is a change
 */
public record Order(Action action, int resource, long revision) {

    /** What is to happen. */
    public enum Action {
        CREATE,
        UPDATE,
        DELETE,
        INVALID
    }
}
