package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the operating system tells of a process. */
final class Processes {
    private static final Duration POLL = Duration.ofMillis(50);

    /** Places of proc_pid_stat(5), counted from the state, the first one after the name. */
    private static final int STATE = 0;

    private static final int THREADS = 17;

    private Processes() {}

    /** Alive, and not merely unburied: a dead child of a negligent parent still has a pid. */
    static boolean alive(ProcessHandle process) {
        return process.isAlive() && !stat(process.pid()).map(Processes::dead).orElse(false);
    }

    /** Asks each to end, then makes those end that still run after the time given. */
    static void stop(List<ProcessHandle> processes, Duration grace) {
        processes.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + grace.toNanos();
        while (processes.stream().anyMatch(Processes::holding) && System.nanoTime() < deadline) {
            Interruptions.pause(POLL);
        }
        kill(processes.stream().filter(Processes::holding).toList());
    }

    /** Returns when nothing is left of them, so that their ports and files can be used again. */
    static void kill(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        while (processes.stream().anyMatch(Processes::holding)) {
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

    private static boolean holding(ProcessHandle process) {
        return process.isAlive() && stat(process.pid()).map(Processes::holding).orElse(true);
    }

    /** Whether a line of proc_pid_stat(5) is that of a dead process. */
    static boolean dead(String stat) {
        return field(stat, STATE).equals("Z");
    }

    /**
     * Whether a process with this line of proc_pid_stat(5) still has its files and sockets. The
     * first thread of a process that was killed can be a zombie while others, which share them, are
     * still being taken apart.
     */
    static boolean holding(String stat) {
        return !dead(stat) || !field(stat, THREADS).equals("1");
    }

    /** Names can have spaces and parentheses in them; what follows the last one has neither. */
    private static String field(String stat, int place) {
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[place];
    }

    private static Optional<String> stat(long pid) {
        try {
            return Optional.of(Files.readString(Path.of("/proc", String.valueOf(pid), "stat")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
