package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An Apicurio registry that speaks Confluent's API and keeps its schemas in a database file. */
record SchemaRegistry(String name, StackLocation stack, int port, Path data, Path log)
        implements Server {
    static final String API = "/apis/ccompat/v7";

    /** The address for {@code schema.registry.url}. */
    static String url(int port) {
        return "http://localhost:" + port + API;
    }

    @Override
    public List<Integer> ports() {
        return List.of(port);
    }

    @Override
    public Duration patience() {
        return Duration.ofMinutes(3);
    }

    @Override
    public boolean ready() {
        return HttpProbe.ok(port, API + "/subjects");
    }

    @Override
    public void prepare() {
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new StackException(
                    "The folder of the registry cannot be written: " + data,
                    "Check its owner and free space.",
                    e);
        }
    }

    @Override
    public Launch launch(List<String> marks, Launcher launcher) {
        List<String> command = new ArrayList<>();
        command.add(Jdk.java());
        command.addAll(marks);
        command.addAll(Jdk.registryFlags());
        command.add("-Xms48m");
        command.add("-Xmx256m");
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(AotCache.flags(stack.registryJar()));
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.addAll(
                Leashes.mainClass(
                        launcher,
                        stack.registryJar().toString(),
                        "io.quarkus.bootstrap.runner.QuarkusEntryPoint"));
        return new Launch(command, environment(), data, log);
    }

    private Map<String, String> environment() {
        Map<String, String> all = new HashMap<>();
        all.put("QUARKUS_HTTP_HOST", "localhost");
        all.put("QUARKUS_HTTP_PORT", String.valueOf(port));
        all.put("QUARKUS_MANAGEMENT_HOST", "localhost");
        all.put("QUARKUS_MANAGEMENT_PORT", "0");
        all.put("APICURIO_STORAGE_KIND", "sql");
        all.put("APICURIO_STORAGE_SQL_KIND", "h2");
        // Written at each commit: an id that was handed out may already be in a record on the
        // broker,
        // and must outlive a kill a moment later.
        all.put(
                "APICURIO_DATASOURCE_URL",
                "jdbc:h2:file:" + data.toAbsolutePath().resolve("registry") + ";WRITE_DELAY=0");
        all.put("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "false");
        all.put("QUARKUS_BANNER_ENABLED", "false");
        all.put("QUARKUS_LOG_CATEGORY__IO_APICURIO_REGISTRY_LOGGING_AUDIT__LEVEL", "WARN");
        all.put("QUARKUS_LOG_CONSOLE_FORMAT", "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5p [%c{1}] %s%e%n");
        return all;
    }
}
