package dev.openkcm.networking.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.openkcm.networking.deploy.StackException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The program behind {@code kcm bench}. */
public final class Bench {

    private static final List<Benchmark> ALL =
            List.of(
                    new CommandBenchmark(),
                    new RestartBenchmark(),
                    new QueryBenchmark(),
                    new MemoryBenchmark(),
                    new ChurnBenchmark(),
                    new RoutingBenchmark(),
                    new PolicyBenchmark(),
                    new ChainBenchmark(),
                    new RebuildBenchmark(),
                    new EstateBenchmark(),
                    new PeersBenchmark());

    private Bench() {}

    public static void main(String[] arguments) throws InterruptedException {
        var progress = new Progress(new PrintStream(System.err, true, StandardCharsets.UTF_8));
        try {
            var options = Options.parse(List.of(arguments));
            var benchmarks = chosen(options);
            run(options, benchmarks, progress);
        } catch (BenchException failure) {
            progress.say("error: " + failure.getMessage());
            if (failure.getCause() != null) {
                progress.say("  because of " + failure.getCause());
            }
            System.exit(1);
        } catch (StackException failure) {
            progress.say("error: " + failure.getMessage());
            progress.say(failure.advice());
            System.exit(1);
        }
    }

    private static List<Benchmark> chosen(Options options) {
        if (options.benchmarks().isEmpty()) {
            return ALL;
        }
        var chosen = new ArrayList<Benchmark>();
        for (String name : options.benchmarks()) {
            chosen.add(
                    ALL.stream()
                            .filter(benchmark -> benchmark.name().equals(name))
                            .findFirst()
                            .orElseThrow(() ->
                                    new BenchException(
                                            "there is no benchmark %s; there are %s"
                                                    .formatted(name, names()))));
        }
        return chosen;
    }

    private static String names() {
        return ALL.stream().map(Benchmark::name).collect(Collectors.joining(", "));
    }

    private static void run(Options options, List<Benchmark> benchmarks, Progress progress)
            throws InterruptedException {
        var machine = Machine.here();
        progress.say(machine.title());
        if (machine.load() > Machine.QUIET) {
            progress.say(
                    String.format(
                            Locale.ROOT,
                            "The machine is not quiet (load above %.1f): only the ratios mean"
                                    + " something, and their tails little.",
                            Machine.QUIET));
        }
        var reports = new ArrayList<Report>();
        for (var benchmark : benchmarks) {
            progress.say("");
            progress.say("Benchmark " + benchmark.name());
            long begin = System.nanoTime();
            var lab = new Lab(options, progress);
            Report report;
            try (lab) {
                report = benchmark.run(lab);
            }
            lab.deleteFolder();
            reports.add(report);
            progress.say("Took %d s.".formatted((System.nanoTime() - begin) / 1_000_000_000));
            if (!options.json()) {
                var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
                report.lines().forEach(out::println);
            }
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", machine);
        document.put("quick", options.quick());
        document.put("benchmarks", reports);
        write(options, document, progress);
    }

    private static void write(Options options, Map<String, Object> document, Progress progress) {
        var json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        try {
            if (options.json()) {
                System.out.println(json.writeValueAsString(document));
            } else {
                Path file = options.home().resolve(".kcm/bench/last.json");
                json.writeValue(file.toFile(), document);
                progress.say("All figures: " + file);
            }
        } catch (IOException e) {
            throw new BenchException("the figures can't be written", e);
        }
    }
}
