package dev.openkcm.networking.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run is to do.
 *
 * @param benchmarks by name; empty for all
 * @param services by name; empty for all that the benchmark knows
 * @param quick small enough for minutes
 * @param baselines of the benchmark {@code command}; none when only a profile is wanted
 * @param loads of the benchmark {@code command}; empty for all
 * @param repeats how often each leg runs; 0 for the benchmark's own choice
 * @param profiles folder for a flight recording of each service's leg
 */
record Options(
        List<String> benchmarks,
        List<String> services,
        List<String> baselines,
        List<String> loads,
        boolean quick,
        boolean json,
        int repeats,
        @Nullable Path profiles,
        Path home) {

    static Options parse(List<String> arguments) {
        var benchmarks = new ArrayList<String>();
        List<String> services = List.of();
        List<String> baselines = List.of("L0", "L1", "L2");
        List<String> loads = List.of();
        boolean quick = false;
        boolean json = false;
        int repeats = 0;
        Path profiles = null;
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            String value = argument.substring(equals + 1);
            switch (name) {
                case "--quick" -> quick = true;
                case "--json" -> json = true;
                case "--repeats" -> repeats = Integer.parseInt(value);
                case "--services" -> services = List.of(value.split(",", -1));
                case "--baselines" -> baselines = List.of(value.split(",", -1));
                case "--loads" -> loads = List.of(value.split(",", -1));
                case "--profile" -> profiles = Path.of(value).toAbsolutePath();
                default -> {
                    if (name.startsWith("-")) {
                        throw new BenchException("there is no option " + name);
                    }
                    benchmarks.add(argument);
                }
            }
        }
        return new Options(
                benchmarks,
                services,
                baselines,
                loads,
                quick,
                json,
                repeats,
                profiles,
                Path.of(System.getProperty("openkcm.home", ".")).toAbsolutePath().normalize());
    }

    boolean wants(String service) {
        return services.isEmpty() || services.contains(service);
    }

    boolean wantsLoad(String load) {
        return loads.isEmpty() || loads.contains(load);
    }

    int repeats(int quickly, int fully) {
        return repeats > 0 ? repeats : quick ? quickly : fully;
    }
}
