package dev.openkcm.networking.bench;

import java.io.PrintStream;

/** Tells the person what is going on, a line at a time, away from the data. */
record Progress(PrintStream out) {
    void say(String line) {
        out.println(line);
    }
}
