package dev.openkcm.networking.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the kernel says that a process used. */
final class ProcessUse {

    /** USER_HZ, which is 100 on every Linux there is. */
    private static final long MICROS_PER_TICK = 10_000;

    static final double MIB = 1 << 20;

    private ProcessUse() {}

    /** The time it was on a processor, in user and kernel mode; 0 when it is gone. */
    static long cpuMicros(long pid) {
        return micros(Path.of("/proc", Long.toString(pid), "stat"));
    }

    /** The share of {@link #cpuMicros} that its optimising compilers took. */
    static long compilerMicros(long pid) {
        try (var threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.filter(ProcessUse::compiles)
                    .mapToLong(thread -> micros(thread.resolve("stat")))
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private static boolean compiles(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith("C2 Compiler");
        } catch (IOException e) {
            return false;
        }
    }

    private static long micros(Path stat) {
        try {
            String line = Files.readString(stat);
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK;
        } catch (IOException e) {
            return 0;
        }
    }

    /** The memory that is really in use; 0 when it is gone. */
    static long residentBytes(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }

    /** In whole units of 2^20 bytes. */
    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.0f", bytes / MIB);
    }
}
