package dev.openkcm.networking.deploy;

import java.time.Duration;
import java.util.List;

/** A server of the stack together with the process it runs in. */
record RunningServer(Server server, ProcessHandle process) {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final int POLLS_PER_QUESTION = 20;
    private static final int SHOWN_LINES = 15;

    static RunningServer start(Server server, List<String> marks, Launcher launcher) {
        server.prepare();
        return new RunningServer(server, launcher.start(server.launch(marks, launcher)));
    }

    /**
     * Returns once it serves; fails as soon as its process has ended or says that it can't start,
     * or when its time is up.
     */
    void awaitReady() {
        long deadline = System.nanoTime() + server.patience().toNanos();
        for (int polls = 1; !server.ready(); polls++) {
            if (!Processes.alive(process)) {
                throw failed("ended while it was starting");
            }
            if (polls % POLLS_PER_QUESTION == 0) {
                server.obstacle()
                        .ifPresent(why -> {
                            throw failed("runs as pid " + process.pid() + " but says: " + why);
                        });
            }
            if (System.nanoTime() > deadline) {
                throw failed(
                        "runs as pid "
                                + process.pid()
                                + " but was not ready within "
                                + server.patience().toSeconds()
                                + " s");
            }
            Interruptions.pause(POLL);
        }
    }

    void stop(Duration grace) {
        Processes.stop(List.of(process), grace);
    }

    void kill() {
        Processes.kill(List.of(process));
    }

    private StackException failed(String what) {
        List<String> tail = LogTail.lastLines(server.log(), SHOWN_LINES);
        String lines = tail.isEmpty() ? "" : "\n  " + String.join("\n  ", tail);
        return new StackException(
                server.name() + " " + what + "." + lines, "The whole log is " + server.log());
    }
}
