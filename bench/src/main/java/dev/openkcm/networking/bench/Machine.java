package dev.openkcm.networking.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the figures were measured on. */
record Machine(
        String processor, int cores, double memoryGiB, String kernel, String jdk, double load) {

    /** Above this, other work on the machine spoils more than the tails. */
    static final double QUIET = 0.3;

    static Machine here() {
        return new Machine(
                line("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                kilobytes(line("/proc/meminfo", "MemTotal")) / (1 << 20),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.vendor") + " " + Runtime.version(),
                loadAverage());
    }

    /** Of the last minute; 0 where the system does not tell. */
    static double loadAverage() {
        try {
            return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    String title() {
        return String.format(
                Locale.ROOT,
                "%d × %s, %.0f GiB, %s, JDK %s, load %.2f",
                cores,
                processor,
                memoryGiB,
                kernel,
                jdk,
                load);
    }

    private static double kilobytes(String text) {
        String digits = text.replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Double.parseDouble(digits);
    }

    private static String line(String file, String name) {
        try {
            for (String line : Files.readAllLines(Path.of(file))) {
                if (line.startsWith(name)) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            return "unknown";
        }
        return "unknown";
    }
}
