package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** One of our own services, started from the output of its build. */
record PlatformService(
        ServiceDefinition definition, Path repository, Path state, Endpoints endpoints, Path log)
        implements Server {

    /** Of the package type {@code aot-jar}. */
    static final String MAIN = "io.quarkus.bootstrap.runner.AotQuarkusEntryPoint";

    private static final String READINESS = "/q/health/ready";

    /** A member of the readiness document; quotation marks within stay as they are written. */
    private static final Pattern PROBLEM =
            Pattern.compile("\"problem-\\d+\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** What a service needs to know of the rest of the stack. */
    record Endpoints(String bootstrapServers, String registryUrl) {}

    @Override
    public String name() {
        return definition.name();
    }

    @Override
    public List<Integer> ports() {
        return List.of(definition.port());
    }

    @Override
    public Duration patience() {
        return Duration.ofMinutes(2);
    }

    @Override
    public boolean ready() {
        return HttpProbe.ok(definition.port(), READINESS);
    }

    @Override
    public Optional<String> obstacle() {
        var problems =
                PROBLEM.matcher(HttpProbe.body(definition.port(), READINESS))
                        .results()
                        .map(found -> found.group(1))
                        .toList();
        return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
    }

    @Override
    public void prepare() {
        try {
            Files.createDirectories(state);
        } catch (IOException e) {
            throw new StackException(
                    "The state of service " + name() + " cannot be written: " + state,
                    "Check its owner and free space.",
                    e);
        }
    }

    @Override
    public Launch launch(List<String> marks, Launcher launcher) {
        Path jar = definition.jar(repository);
        List<String> command = new ArrayList<>(java(jar));
        command.addAll(marks);
        command.addAll(Leashes.mainClass(launcher, jar.toString(), MAIN));
        return new Launch(command, environment(), repository, log);
    }

    /** The virtual machine and its flags. */
    static List<String> java(Path jar) {
        List<String> command = new ArrayList<>();
        command.add(Jdk.java());
        command.addAll(Jdk.serviceFlags());
        command.addAll(AotCache.flags(jar));
        return command;
    }

    private Map<String, String> environment() {
        return Map.of(
                "KAFKA_BOOTSTRAP_SERVERS", endpoints.bootstrapServers(),
                "SCHEMA_REGISTRY_URL", endpoints.registryUrl(),
                "QUARKUS_HTTP_HOST", "localhost",
                "QUARKUS_HTTP_PORT", String.valueOf(definition.port()),
                "OPENKCM_STATE_DIR", state.toString(),
                "OPENKCM_INSTANCE", String.valueOf(definition.ordinal()),
                "OPENKCM_HOST", "localhost");
    }
}
