package dev.openkcm.networking.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** OVN's two databases and the daemon between them, without any chassis. */
final class Ovn implements AutoCloseable {

    private static final String SCHEMAS = "/usr/share/ovn";
    private static final int BATCH = 50;
    private static final int PORTS_EACH = 1_000;
    private static final long PATIENCE_SECONDS = 300;

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private int switches;

    private Ovn(Path folder) {
        this.folder = folder;
    }

    /** Whether Debian's package ovn-central is there. */
    static boolean installed() {
        return List.of("ovsdb-tool", "ovsdb-server", "ovn-northd", "ovn-nbctl").stream()
                        .allMatch(Programs::installed)
                && Files.exists(Path.of(SCHEMAS, "ovn-nb.ovsschema"));
    }

    static Ovn start(Path folder) throws InterruptedException {
        var ovn = new Ovn(folder);
        try {
            for (String side : List.of("nb", "sb")) {
                ovn.run(
                        "ovsdb-tool",
                        "create",
                        side + ".db",
                        SCHEMAS + "/ovn-" + side + ".ovsschema");
                ovn.background(
                        "ovsdb-server",
                        side + ".db",
                        "--remote=punix:" + ovn.path(side + ".sock"),
                        "--unixctl=" + ovn.path(side + ".ctl"));
                ovn.awaitSocket(side + ".sock");
            }
            ovn.background(
                    "ovn-northd",
                    "--ovnnb-db=unix:" + ovn.path("nb.sock"),
                    "--ovnsb-db=unix:" + ovn.path("sb.sock"),
                    "--unixctl=" + ovn.path("northd.ctl"));
            ovn.nbctl(List.of("init"));
            return ovn;
        } catch (BenchException | InterruptedException failure) {
            ovn.close();
            throw failure;
        }
    }

    /** Creates ports, a thousand on a switch; returns once all are in the southbound database. */
    void createPorts(int count) throws InterruptedException {
        for (int first = 0; first < count; first += BATCH) {
            var command = new ArrayList<String>();
            if (first % PORTS_EACH == 0) {
                command.addAll(List.of("ls-add", "s" + first / PORTS_EACH, "--"));
                switches++;
            }
            for (int i = first; i < Math.min(first + BATCH, count); i++) {
                command.addAll(port(i));
            }
            nbctl(command.subList(0, command.size() - 1));
        }
        addPort(count);
    }

    /** Adds a port, and returns the milliseconds until it is in the southbound database. */
    double addPort(int number) throws InterruptedException {
        var command = new ArrayList<>(List.of("--wait=sb"));
        command.addAll(port(number));
        long begin = System.nanoTime();
        nbctl(command.subList(0, command.size() - 1));
        return (System.nanoTime() - begin) / 1e6;
    }

    private List<String> port(int number) {
        String name = "p" + number;
        return List.of(
                "lsp-add",
                "s" + number / PORTS_EACH % switches,
                name,
                "--",
                "lsp-set-addresses",
                name,
                "02:00:%1$02x:%2$02x:%3$02x:01 10.%1$d.%2$d.%3$d"
                        .formatted(number >> 16 & 255, number >> 8 & 255, number & 255),
                "--");
    }

    private void awaitSocket(String name) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(folder.resolve(name))) {
            if (System.nanoTime() > deadline) {
                throw new BenchException("ovsdb-server does not start; its log is in " + folder);
            }
            Thread.sleep(50);
        }
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private void nbctl(List<String> command) throws InterruptedException {
        var all = new ArrayList<>(List.of("ovn-nbctl", "--db=unix:" + path("nb.sock")));
        all.addAll(command);
        run(all.toArray(String[]::new));
    }

    private ProcessBuilder builder(String... command) {
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    }

    private void background(String... command) {
        try {
            processes.add(builder(command).start());
        } catch (IOException e) {
            throw new BenchException(command[0] + " can't be started", e);
        }
    }

    private void run(String... command) throws InterruptedException {
        try {
            var process = builder(command).start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new BenchException(
                        "%s failed; the log is in %s".formatted(Arrays.toString(command), folder));
            }
        } catch (IOException e) {
            throw new BenchException(command[0] + " can't be run", e);
        }
    }

    @Override
    public void close() {
        processes.reversed().forEach(Child::stop);
    }
}
