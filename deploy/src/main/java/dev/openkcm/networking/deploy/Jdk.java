package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Java runtime that children run on: the one this process runs on. */
public final class Jdk {
    static final int REQUIRED = 25;

    private Jdk() {}

    public static String java() {
        int running = Runtime.version().feature();
        if (running < REQUIRED) {
            throw new StackException(
                    "Java " + REQUIRED + " or newer is needed, this is Java " + running + ".",
                    "Set JAVA_HOME to a JDK "
                            + REQUIRED
                            + ", or start with ./kcm, which looks for one.");
        }
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /**
     * Flags every child gets: gone rather than half alive when memory ends, and inlining within
     * limits that spare the optimising compiler a quarter of its work, which two cores have to find
     * beside everything else for minutes; code is as fast. What the compilers gave back is given
     * back to the machine every ten seconds, 16 MiB of an idle service.
     */
    private static List<String> commonFlags() {
        return List.of(
                "-XX:+UseCompactObjectHeaders",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:MaxInlineLevel=9",
                "-XX:FreqInlineSize=200",
                "-XX:InlineSmallCode=1500",
                "-XX:TrimNativeHeapInterval=10000",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow");
    }

    /** Flags of the registry: small, one collector thread. */
    static List<String> registryFlags() {
        List<String> flags = new ArrayList<>(commonFlags());
        flags.add("-XX:+UseSerialGC");
        return flags;
    }

    /** Flags of a broker. */
    static List<String> brokerFlags() {
        List<String> flags = new ArrayList<>(commonFlags());
        flags.addAll(heap("128m", "64m", "448m"));
        return flags;
    }

    /** Flags of a service, the same wherever one is started. */
    public static List<String> serviceFlags() {
        List<String> flags = new ArrayList<>(commonFlags());
        flags.addAll(heap("64m", "48m", "1g"));
        // As in the manifest of the jar, which counts only with -jar.
        flags.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        flags.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
        flags.add("-Dorg.apache.avro.fastread=true");
        return flags;
    }

    /**
     * A heap that follows what is alive in it.
     *
     * <p>The serial collector looks at what is old only when the heap has grown to its limit, and
     * then stops everything: a service with 130 MB alive was seen to have 740. G1 looks at it as it
     * grows, beside the work. It would make the heap larger when collecting takes much of the time,
     * which on a busy machine it does, and which is of no use while what is young has a fixed size:
     * so it is told that half of the time is not too much. It looks at what is old once that takes
     * 75 % of the heap, which is then made 1.4 times as large as what is in it; by itself it waits
     * for 94 % where little becomes old, whatever is dead in there.
     */
    private static List<String> heap(String first, String young, String most) {
        return List.of(
                "-XX:+UseG1GC",
                "-XX:GCTimeRatio=1",
                "-XX:-G1UseAdaptiveIHOP",
                "-XX:InitiatingHeapOccupancyPercent=75",
                "-XX:MinHeapFreeRatio=15",
                "-XX:MaxHeapFreeRatio=30",
                "-Xms" + first,
                "-Xmn" + young,
                "-Xmx" + most);
    }
}
