package dev.openkcm.networking.deploy;

import java.time.Duration;

/** Hears what happens to the stack while it goes up or down. */
public interface StackListener {

    /** Something worth telling that is not the progress of one component. */
    void note(String message);

    void starting(String component);

    void ready(String component, int port, Duration took);

    void stopped(String component);
}
