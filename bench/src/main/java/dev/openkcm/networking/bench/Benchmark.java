package dev.openkcm.networking.bench;

/** Something that is measured, beside its baseline. */
interface Benchmark {

    String name();

    /** Runs all legs in this lab. */
    Report run(Lab lab) throws InterruptedException;
}
