package dev.openkcm.networking.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An Apache Kafka broker in KRaft mode. */
record KafkaBroker(
        String name, StackLocation stack, KafkaCluster cluster, BrokerNode node, Path log)
        implements Server {

    @Override
    public List<Integer> ports() {
        return List.of(node.port(), node.controllerPort());
    }

    @Override
    public Duration patience() {
        return Duration.ofMinutes(3);
    }

    @Override
    public boolean ready() {
        return KafkaProbe.liveBrokers(node.port()) > 0;
    }

    @Override
    public void prepare() {
        try {
            Files.createDirectories(node.data());
            Files.writeString(configuration(), properties());
            if (!Files.exists(node.data().resolve("log/meta.properties"))) {
                format();
            }
        } catch (IOException e) {
            throw new StackException(
                    "The folder of the broker cannot be written: " + node.data(),
                    "Check its owner and free space.",
                    e);
        }
    }

    @Override
    public Launch launch(List<String> marks, Launcher launcher) {
        List<String> command = java();
        command.addAll(marks);
        command.addAll(Leashes.mainClass(launcher, stack.kafkaClasspath(), "kafka.Kafka"));
        command.add(configuration().toString());
        return new Launch(command, Map.of(), node.data(), log);
    }

    /** The virtual machine and its flags. */
    private List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(Jdk.java());
        command.addAll(Jdk.brokerFlags());
        command.addAll(AotCache.flags(stack.kafkaLibraries()));
        command.add("-Dlog4j2.configurationFile=" + stack.kafkaLogging());
        return command;
    }

    private Path configuration() {
        return node.data().resolve("server.properties");
    }

    private String properties() {
        return cluster.properties(node).entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private void format() throws IOException {
        List<String> command = java();
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of("-cp", stack.kafkaClasspath(), "kafka.tools.StorageTool"));
        command.addAll(List.of("format", "--cluster-id", cluster.id()));
        command.addAll(List.of("--config", configuration().toString()));
        command.addAll(cluster.formatArguments());
        Files.createDirectories(log.toAbsolutePath().getParent());
        Process tool =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        if (Interruptions.waitFor(tool) != 0) {
            throw new StackException(
                    "The folder of the broker could not be formatted: " + node.data(),
                    "The reason is at the end of " + log);
        }
    }
}
