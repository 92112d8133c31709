package dev.openkcm.networking.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kcm bench}: runs the benchmarks, in a process and on a broker of their own. */
@Command(
        name = "bench",
        description = {
            "Measure the services beside baselines on a broker of their own.",
            "docs/benchmarks.md explains each; best on a quiet machine."
        })
final class BenchCommand implements Callable<Integer> {

    private enum Output {
        TABLE,
        JSON
    }

    private final Session session;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Which ones. Default: all.")
    private List<String> names = List.of();

    @Option(names = "--quick", description = "Minutes instead of an hour; less certain.")
    private boolean quick;

    @Option(
            names = "--services",
            split = ",",
            paramLabel = "NAME",
            description = "Only these services, such as network,interface.")
    private List<String> services = List.of();

    @Option(
            names = "--baselines",
            split = ",",
            paramLabel = "NAME",
            description = "Of command: only these, or none. Default: L0,L1,L2.")
    private List<String> baselines = List.of();

    @Option(
            names = "--loads",
            split = ",",
            paramLabel = "NAME",
            description = "Of command: only these, such as 1000/s,drain.")
    private List<String> loads = List.of();

    @Option(
            names = "--repeats",
            paramLabel = "N",
            description = "How often each leg runs. Default: what the benchmark finds enough.")
    private int repeats;

    @Option(
            names = "--profile",
            paramLabel = "FOLDER",
            description = "Write flight recordings of the services there.")
    private String profile = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: table.")
    private Output output = Output.TABLE;

    BenchCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path target = session.home().resolve("bench/target");
        Path jar = target.resolve("bench-0.1.0-SNAPSHOT.jar");
        if (!Files.isRegularFile(jar)) {
            throw new Failure("the benchmarks are not built; run `kcm build`");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.add("-Dopenkcm.home=" + session.home());
        command.addAll(List.of("-cp", jar + ":" + target.resolve("lib") + "/*"));
        command.add("dev.openkcm.networking.bench.Bench");
        command.addAll(arguments());
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(names);
        if (quick) {
            arguments.add("--quick");
        }
        if (output == Output.JSON) {
            arguments.add("--json");
        }
        if (repeats > 0) {
            arguments.add("--repeats=" + repeats);
        }
        if (!services.isEmpty()) {
            arguments.add("--services=" + String.join(",", services));
        }
        if (!baselines.isEmpty()) {
            arguments.add("--baselines=" + String.join(",", baselines));
        }
        if (!loads.isEmpty()) {
            arguments.add("--loads=" + String.join(",", loads));
        }
        if (!profile.isEmpty()) {
            arguments.add("--profile=" + Path.of(profile).toAbsolutePath());
        }
        return arguments;
    }
}
