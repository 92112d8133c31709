package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the operating system tells of a process. */
final class Processes {
    private static final Duration POLL = Duration.ofMillis(50);

    private Processes() {}

    /** Alive, and not merely unburied: a dead child of a negligent parent still has a pid. */
    static boolean alive(ProcessHandle process) {
        return process.isAlive() && !zombie(process.pid());
    }

    /** Asks each to end, then makes those end that still run after the time given. */
    static void stop(List<ProcessHandle> processes, Duration grace) {
        processes.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + grace.toNanos();
        while (processes.stream().anyMatch(Processes::alive) && System.nanoTime() < deadline) {
            Interruptions.pause(POLL);
        }
        kill(processes.stream().filter(Processes::alive).toList());
    }

    static void kill(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        while (processes.stream().anyMatch(Processes::alive)) {
            Interruptions.pause(POLL);
        }
    }

    /** The memory that is really in use, in bytes; zero where the system does not tell. */
    static long residentBytes(long pid) {
        try {
            for (String line :
                    Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
        return 0;
    }

    private static boolean zombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false;
        }
    }
}
