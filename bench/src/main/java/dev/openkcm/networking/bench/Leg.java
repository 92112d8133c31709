package dev.openkcm.networking.bench;

import org.jspecify.annotations.Nullable;

/** One of the programs that are compared: it answers each record of a topic on another. */
interface Leg {

    String name();

    String sendTo();

    String answers();

    /** The topic of the states that follow from the records. */
    @Nullable String states();

    /** Starts it, with what it kept from earlier, and returns at once. */
    void start();

    /** Ends it in order. */
    void stop();

    /** Ends it as a power cut would. */
    void kill();

    /** While it is down: makes it forget everything it keeps on its own disk. */
    void wipe();

    /** Waits until it is up, where it can tell. */
    void awaitReady();

    long pid();
}
